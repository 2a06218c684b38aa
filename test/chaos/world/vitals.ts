import { readFileSync } from 'node:fs';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import type { History } from '../checker/history.js';
import type { ChaosWorld } from './chaos-world.js';

const sampleEveryMs = 5_000;

/** One look at how the cluster is. What cannot be asked at the time is absent. */
interface Sample {
  /** Since the beginning, minutes. */
  readonly minute: number;
  /** Resident memory by place, MiB. */
  readonly rssMb: Readonly<Record<string, number>>;
  /** Commands that the group has not committed, over all partitions. */
  readonly lag: number | undefined;
  /** Events behind their partition's end that no snapshot covers, in the worst partition. */
  readonly uncovered: number | undefined;
}

/** Samples memory, group lag and how far Postgres covers the log, all from outside. */
export class Vitals {
  readonly samples: Sample[] = [];
  readonly #admin: Admin;
  readonly #startedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: ChaosWorld,
    private readonly history: History,
  ) {
    const brokers = [world.cluster.kafka.brokers];
    this.#admin = new Kafka({ brokers, clientId: 'chaos-vitals', logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, sampleEveryMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#admin.disconnect().catch(() => undefined);
  }

  /** Group lag and uncovered events now. */
  async now(): Promise<Pick<Sample, 'lag' | 'uncovered'>> {
    const [lag, uncovered] = await Promise.allSettled([this.#lag(), this.#uncovered()]);
    return { lag: settledValue(lag), uncovered: settledValue(uncovered) };
  }

  async #look(): Promise<void> {
    const rssMb = Object.fromEntries(this.world.all.flatMap(({ place, pid }) => (pid === undefined ? [] : [[place, rssOf(pid)]])));
    this.samples.push({ minute: (Date.now() - this.#startedAt) / 60_000, rssMb, ...(await this.now()) });
  }

  async #lag(): Promise<number> {
    await this.#admin.connect();
    const topic = 'workflow.commands';
    const [committed, ends] = await Promise.all([
      this.#admin.fetchOffsets({ groupId: 'millrace', topics: [topic] }),
      this.#admin.fetchTopicOffsets(topic),
    ]);
    const offsets = new Map((committed[0]?.partitions ?? []).map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
    return ends.reduce((sum, { partition, high }) => sum + Number(high) - (offsets.get(partition) ?? 0), 0);
  }

  async #uncovered(): Promise<number> {
    const client = new pg.Client({ connectionString: this.world.cluster.postgres.url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined); // it is killed now and then
    try {
      await client.connect();
      const { rows } = await client.query<{ partition: number; offset: string }>('select partition, "offset" from millrace.checkpoints');
      return Math.max(0, ...rows.map(({ partition, offset }) => this.history.nextOffset(partition) - Number(offset)));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function settledValue<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === 'fulfilled' ? settled.value : undefined;
}

/** From /proc; 0 where there is none. */
function rssOf(pid: number): number {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1_024);
  } catch {
    return 0; // it has just ended
  }
}

/** Least-squares slope per minute over the second half of a run, when caches are warm; undefined for fewer than four points. */
export function slopeOf(samples: readonly Sample[], valueOfSample: (sample: Sample) => number | undefined): number | undefined {
  const half = samples.slice(Math.floor(samples.length / 2));
  const points = half.flatMap((sample) => {
    const value = valueOfSample(sample);
    return value === undefined ? [] : [[sample.minute, value] as const];
  });
  if (points.length < 4) return undefined;
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
