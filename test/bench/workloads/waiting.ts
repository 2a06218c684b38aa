import { BenchCluster } from '../bench-cluster.js';
import { closedLoop } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { engineMemory } from '../engine-memory.js';
import { createWaiterWorkflows, startWaiters } from '../waiters.js';
import { pipeline } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

/** Part of W6: W1 beside executions that already wait: none, then `size` of them. */
export async function waiting(emit: Emit, { runs, size = 10_000 }: WorkloadOptions): Promise<void> {
  const bench = await BenchCluster.start();
  const run = () => bench.client.run('pipeline-5');
  try {
    await bench.create(pipeline('pipeline-5', 5));
    await createWaiterWorkflows(bench);
    await closedLoop(10_000, 64, run);
    let waiters = 0;
    for (const target of [0, size]) {
      const started = target > waiters ? await startWaiters(bench, target - waiters) : undefined;
      waiters += started?.waiters.length ?? 0;
      for (let i = 0; i < runs; i += 1) {
        const { hotEntities } = await engineMemory(bench);
        emit({ workload: 'waiting', run: i, waiting: waiters, hotEntities, ...(await bench.metered(2_000, 64, run)) });
      }
    }
  } finally {
    await bench.stop();
  }
}
