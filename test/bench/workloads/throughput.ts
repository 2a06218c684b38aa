import { BenchCluster } from '../bench-cluster.js';
import { closedLoop } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { fan, pipeline } from '../workflows.js';

/** W1, W1 with 2, 8 and 1 in flight, and W2 (bench.md), three runs each on one warm cluster. */
export async function throughput(emit: Emit, runs: number, kafkaProperties: Record<string, string> = {}, label = ''): Promise<void> {
  const bench = await BenchCluster.start({ kafkaProperties });
  try {
    const five = await bench.create(pipeline('pipeline-5', 5));
    const sixteen = await bench.create(fan('fan-16', 16));
    await closedLoop(600, 64, () => bench.client.run(five));
    await closedLoop(100, 32, () => bench.client.run(sixteen));
    for (let run = 0; run < runs; run += 1) {
      emit({ workload: `W1${label}`, run, ...(await bench.metered(2_000, 64, () => bench.client.run(five))) });
    }
    for (let run = 0; run < runs; run += 1) {
      emit({ workload: `W1-8${label}`, run, ...(await bench.metered(1_000, 8, () => bench.client.run(five))) });
      emit({ workload: `W1-2${label}`, run, ...(await bench.metered(300, 2, () => bench.client.run(five))) });
    }
    for (let run = 0; run < runs; run += 1) {
      emit({ workload: `W2${label}`, run, ...(await bench.metered(500, 32, () => bench.client.run(sixteen))) });
    }
  } finally {
    await bench.stop();
  }
}
