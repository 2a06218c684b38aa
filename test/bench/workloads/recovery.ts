import { setTimeout as delay } from 'node:timers/promises';
import { BenchCluster } from '../bench-cluster.js';
import type { Emit } from '../emit.js';
import { recoveriesOf, recoveryFigures } from '../engine-log.js';
import { EventLogLength } from '../event-log.js';
import { round } from '../proc-meter.js';
import { until } from '../until.js';
import { pipeline } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

const lengths = [10_000, 100_000, 1_000_000];
const growsWithinMs = 1_200_000;
const inFlight = 64;
/** Short executions first, as users have them; long ones to get to a million soon. */
const short = 'pipeline-5';
const long = 'pipeline-50';

/** Recovery against the length of the log: one partition, kill -9 under load at each length, another engine in its place. */
export async function recovery(emit: Emit, { runs, size = 1_000_000 }: WorkloadOptions): Promise<void> {
  const targets = lengths.filter((length) => length <= size);
  for (let run = 0; run < runs; run += 1) {
    const bench = await BenchCluster.start({ environment: { MILLRACE_PARTITIONS: '1', MILLRACE_LOG_LEVEL: 'info' } });
    const log = await EventLogLength.open(bench.cluster.kafka.brokers);
    try {
      await bench.create(pipeline(short, 5));
      await bench.create(pipeline(long, 50));
      for (const target of targets.length > 0 ? targets : [size])
        emit({ workload: 'recovery', run, target, ...(await killAt(bench, log, target)) });
    } finally {
      await log.close();
      await bench.stop();
    }
  }
}

async function killAt(bench: BenchCluster, log: EventLogLength, target: number) {
  const before = await log.read();
  const startedAt = performance.now();
  const load = new GrowingLoad(bench, target > 20_000 ? long : short);
  await until(`${target} records`, async () => (await log.read()) >= target || undefined, { withinMs: growsWithinMs, everyMs: 200 });
  const growSeconds = (performance.now() - startedAt) / 1_000;
  const killedAt = performance.now();
  load.windDown(); // 64 executions are still on their way: the kill finds something unfinished
  const engine = await bench.replaceEngine();
  const logLength = await log.read(); // before the next owner writes, and whatever the callers still wait for
  const recoveries = await until('the recovery', () => someOf(recoveriesOf(engine, 0)), { withinMs: 120_000 });
  const recoveredMs = Math.round(performance.now() - killedAt);
  const grown = await load.ended();
  await engine.ready();
  const { perSecond, errors } = await bench.metered(200, 16, () => bench.client.run(short));
  return {
    logLength,
    ...recoveryFigures(recoveries),
    killToRecoveredMs: recoveredMs,
    grownPerSecond: round((logLength - before) / growSeconds),
    grown,
    after: { perSecond, errors },
  };
}

function someOf<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined;
}

/** Callers that run one execution after another until they are stopped; what the kill takes from them is no error. */
class GrowingLoad {
  #running = true;
  #completed = 0;
  #errors = 0;
  readonly #callers: Promise<void>[];

  constructor(
    private readonly bench: BenchCluster,
    private readonly workflowId: string,
  ) {
    this.#callers = Array.from({ length: inFlight }, () => this.#call());
  }

  /** No new executions from now on; those on their way go on. */
  windDown(): void {
    this.#running = false;
  }

  /** How many executions had completed, and how many had not before the kill. */
  async ended(): Promise<{ completed: number; errors: number }> {
    await Promise.all(this.#callers);
    return { completed: this.#completed, errors: this.#errors };
  }

  async #call(): Promise<void> {
    while (this.#running) {
      try {
        await this.bench.client.run(this.workflowId);
        this.#completed += 1;
      } catch {
        if (!this.#running) return;
        this.#errors += 1;
        await delay(100);
      }
    }
  }
}
