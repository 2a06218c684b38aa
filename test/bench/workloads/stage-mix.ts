import { BenchCluster } from '../bench-cluster.js';
import { closedLoop, timed } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { round } from '../proc-meter.js';
import { until } from '../until.js';
import { busyStage, pipeline } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

/** Create and execute, 8 in flight, alone and beside a stage that keeps one core busy throughout. */
export async function stageMix(emit: Emit, { runs, size = 1_000 }: WorkloadOptions): Promise<void> {
  const bench = await BenchCluster.start();
  try {
    await bench.create(pipeline('pipeline-5', 5));
    await bench.create(busyStage('busy'));
    await closedLoop(3_000, 64, () => bench.client.run('pipeline-5'));
    for (let run = 0; run < runs; run += 1) {
      emit({ workload: 'stage-mix', run, beside: 'nothing', ...(await createAndExecute(bench, `alone-${run}`, size)) });
      const beside = () => createAndExecute(bench, `beside-${run}`, size);
      emit({ workload: 'stage-mix', run, beside: 'a CPU-bound stage', ...(await besideStage(bench, beside)) });
    }
  } finally {
    await bench.stop();
  }
}

async function createAndExecute(bench: BenchCluster, tag: string, size: number) {
  const create = timed((i) => bench.create(pipeline(`${tag}-${i}`, 5)));
  const execute = timed(() => bench.client.start('pipeline-5'));
  return { create: await closedLoop(size, 8, create), execute: await closedLoop(size, 8, execute) };
}

/** Runs `work` while the stage runs; throws when the stage did not outlast it, because then nothing was measured. */
async function besideStage<T extends object>(bench: BenchCluster, work: () => Promise<T>) {
  const executionId = await bench.client.start('busy');
  const execution = `/api/v1/workflows/busy/executions/${executionId}`;
  const statusOfStage = async () => String((await bench.client.get(execution)).status);
  await until('the stage’s start', async () => (await statusOfStage()) === 'running' || undefined, { withinMs: 10_000 });
  const { result, usage } = await bench.measured(work);
  const status = await statusOfStage();
  if (status !== 'running') throw new Error(`the stage is ${status}: it should have gone on beside the requests`);
  await bench.client.post(`${execution}/cancel`, {});
  const end = await bench.client.end('busy', executionId, 30_000);
  const engineCores = round((usage.cpu.engine ?? 0) / usage.seconds);
  return { ...result, engineCores, otherCores: usage.otherCores, load: usage.load, stageEnd: end };
}
