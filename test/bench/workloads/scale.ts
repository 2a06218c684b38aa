import { BenchCluster } from '../bench-cluster.js';
import { closedLoop } from '../closed-loop.js';
import { CpuCap } from '../cpu-cap.js';
import type { Emit } from '../emit.js';
import { spreadIds } from '../spread-ids.js';
import { pipeline } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

const inFlightPerEngine = 64;
const settle = 300;

/**
 * W6: W1 over 32 workflows, one on each partition, with 1, 2, 3 engines that may use so much of a core each (`MILLRACE_BENCH_CAP`,
 * 0.15 by default). With the same 64 in flight, and with 64 for each engine, so that each has the same to do. They start and warm up without the cap: a process that starts at a seventh of a core tells nothing.
 */
export async function scale(emit: Emit, { runs, size = 2_000 }: WorkloadOptions): Promise<void> {
  const cap = Number(process.env.MILLRACE_BENCH_CAP ?? 0.15);
  for (const engines of [1, 2, 3]) {
    const bench = await BenchCluster.start({ engines });
    const caps: CpuCap[] = [];
    try {
      const ids = spreadIds('scale', 1);
      for (const id of ids) await bench.create(pipeline(id, 5));
      const run = (i: number) => bench.client.run(ids[i % ids.length] ?? '');
      await closedLoop(4_000 * engines, inFlightPerEngine, run);
      caps.push(...bench.cluster.engines.map((engine) => CpuCap.of(engine.pid, cap)));
      for (const inFlight of new Set([inFlightPerEngine, engines * inFlightPerEngine])) {
        await closedLoop(settle, inFlight, run);
        for (let i = 0; i < runs; i += 1) emit({ workload: 'scale', run: i, engines, cap, ...(await bench.metered(size, inFlight, run)) });
      }
    } finally {
      await bench.stop();
      for (const each of caps) each.remove();
    }
  }
}
