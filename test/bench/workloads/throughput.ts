import { BenchCluster } from '../bench-cluster.js';
import { closedLoop } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { fan, pipeline } from '../workflows.js';

const shapes = {
  W1: { workflow: 'pipeline-5', count: 2_000, inFlight: 64 },
  'W1-8': { workflow: 'pipeline-5', count: 1_000, inFlight: 8 },
  'W1-2': { workflow: 'pipeline-5', count: 300, inFlight: 2 },
  W2: { workflow: 'fan-16', count: 500, inFlight: 32 },
} as const;

/** Names of the workloads of this file. */
export const throughputWorkloads = Object.keys(shapes) as readonly (keyof typeof shapes)[];

export interface ThroughputOptions {
  readonly only: readonly (keyof typeof shapes)[];
  readonly runs: number;
  /** The broker flushes every message to the disk before it acknowledges. */
  readonly flush: boolean;
}

/** W1 with 64, 8 and 2 in flight, and W2 (bench.md), on one warm cluster. */
export async function throughput(emit: Emit, { only, runs, flush }: ThroughputOptions): Promise<void> {
  const bench = await BenchCluster.start({ kafkaProperties: flush ? { 'log.flush.interval.messages': '1' } : {} });
  try {
    await bench.create(pipeline('pipeline-5', 5));
    await bench.create(fan('fan-16', 16));
    await closedLoop(10_000, 64, () => bench.client.run('pipeline-5'));
    await closedLoop(500, 32, () => bench.client.run('fan-16'));
    for (const name of only) {
      const { workflow, count, inFlight } = shapes[name];
      for (let run = 0; run < runs; run += 1) {
        emit({
          workload: name,
          run,
          ...(flush ? { flush } : {}),
          ...(await bench.metered(count, inFlight, () => bench.client.run(workflow))),
        });
      }
    }
  } finally {
    await bench.stop();
  }
}
