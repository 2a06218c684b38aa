import { BenchCluster } from '../bench-cluster.js';
import { closedLoop, timed } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { pipeline } from '../workflows.js';

/** Latency of status, create and execute at 8 in flight, and of status beside W1 at about half its peak. */
export async function requestLatency(emit: Emit, runs: number): Promise<void> {
  const bench = await BenchCluster.start();
  try {
    const five = await bench.create(pipeline('pipeline-5', 5));
    const status = timed(() => bench.client.get(`/api/v1/workflows/${five}/status`));
    await closedLoop(600, 64, () => bench.client.run(five));
    for (let run = 0; run < runs; run += 1) {
      emit({ workload: 'status-8', run, ...(await bench.metered(2_000, 8, status)) });
      emit({
        workload: 'create-8',
        run,
        ...(await bench.metered(
          500,
          8,
          timed((i) => bench.create(pipeline(`created-${run}-${i}`, 5))),
        )),
      });
      emit({
        workload: 'execute-8',
        run,
        ...(await bench.metered(
          1_000,
          8,
          timed(() => bench.client.post(`/api/v1/workflows/${five}/execute`, {})),
        )),
      });
      const beside = closedLoop(1_500, 16, () => bench.client.run(five));
      emit({ workload: 'status-8 beside W1 at 16 in flight', run, ...(await closedLoop(1_500, 8, status)), beside: await beside });
    }
  } finally {
    await bench.stop();
  }
}
