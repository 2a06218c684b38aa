import { BenchCluster } from '../bench-cluster.js';
import { closedLoop, timed } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { pacedLoop } from '../paced-loop.js';
import { pipeline } from '../workflows.js';

const besideSeconds = 4;

/** Latency of status, create and execute at 8 in flight, and of status beside W1 at half the peak that was measured just before. */
export async function requestLatency(emit: Emit, runs: number): Promise<void> {
  const bench = await BenchCluster.start();
  try {
    const five = await bench.create(pipeline('pipeline-5', 5));
    const status = timed(() => bench.client.get(`/api/v1/workflows/${five}/status`));
    const create = (run: number) => timed((i) => bench.create(pipeline(`created-${run}-${i}`, 5)));
    const execute = timed(() => bench.client.post(`/api/v1/workflows/${five}/execute`, {}));
    await closedLoop(10_000, 64, () => bench.client.run(five));
    await closedLoop(500, 8, create(-1));
    for (let run = 0; run < runs; run += 1) {
      emit({ workload: 'status-8', run, ...(await bench.metered(2_000, 8, status)) });
      emit({ workload: 'create-8', run, ...(await bench.metered(500, 8, create(run))) });
      emit({ workload: 'execute-8', run, ...(await bench.metered(1_000, 8, execute)) });
      emit({ workload: 'status-8 beside W1 at half its peak', run, ...(await besideHalfOfPeak(bench, five, status)) });
    }
  } finally {
    await bench.stop();
  }
}

/** Executions start at a steady rate, whether earlier ones have ended or not. */
async function besideHalfOfPeak(bench: BenchCluster, workflowId: string, status: ReturnType<typeof timed>) {
  const peak = await closedLoop(2_000, 64, () => bench.client.run(workflowId));
  const perSecond = peak.perSecond / 2;
  const beside = pacedLoop(Math.round(perSecond * besideSeconds), perSecond, () => bench.client.run(workflowId));
  const measured = await closedLoop(2_000, 8, status);
  return { ...measured, peakPerSecond: peak.perSecond, beside: await beside };
}
