import { type Logger, type ProjectorMetrics, type Readiness, waitFor } from '#observability';
import { migrate, PostgresPool, type PostgresSettings, projectionLimits } from '#postgres';
import { type EventFeed, ProjectionStore, Projector } from '#projection';
import { systemClock } from '#runtime';
import { MetricsObserver } from './metrics-observer.js';

/** A member of the projectors' consumer group: says which partitions are this process's, and commits how far it is. */
export interface PartitionMembership {
  /** `assigned` is called with all partitions of this process after every rebalance. */
  join(assigned: (partitions: readonly number[]) => void, positions: () => ReadonlyMap<number, number>): Promise<void>;
  leave(): Promise<void>;
}

/** The connections to Kafka that a projector needs. */
export interface EventSource {
  readonly feed: EventFeed;
  readonly membership: PartitionMembership;
  close(): Promise<void>;
}

export interface ProjectorRunParts {
  readonly postgres: PostgresSettings;
  /** Connects and checks the topics; rejects while Kafka is not there. */
  readonly connect: () => Promise<EventSource>;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly metrics: ProjectorMetrics;
  /** Called once when the process cannot go on: with what is wrong. */
  readonly failed: (error: unknown) => void;
}

const reportEveryMs = 500;
const lookAtWaitsEveryMs = 5_000;

/** One projector process: waits for Postgres and Kafka, then follows its partitions until it is stopped. */
export class ProjectorRun {
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #source: EventSource | undefined;
  #pool: PostgresPool | undefined;
  #projector: Projector | undefined;
  #report: NodeJS.Timeout | undefined;
  #waits: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ProjectorRunParts) {}

  /** Begins; never throws. Progress shows in readiness and logs. */
  start(): void {
    this.#running ??= this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.parts.failed(error);
    });
  }

  /** Leaves the group, waits for the transaction in flight, and closes everything. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#report);
    clearInterval(this.#waits);
    await this.#running;
    await this.#source?.membership.leave();
    await this.#projector?.stop();
    await this.#source?.close();
    await this.#pool?.close();
  }

  async #run(): Promise<void> {
    const { parts } = this;
    const waiting = { readiness: parts.readiness, logger: parts.logger, signal: this.#stop.signal };
    parts.readiness.set('partitions', 'waiting for the group to assign partitions');
    const [migrations, source] = await Promise.all([
      waitFor({ name: 'postgres', attempt: () => migrate(parts.postgres) }, waiting),
      waitFor({ name: 'kafka', attempt: parts.connect }, waiting).then((connected) => {
        this.#source = connected;
        return connected;
      }),
    ]);
    if (migrations.length > 0) parts.logger.info({ migrations }, 'database schema migrated');
    await this.#follow(source);
  }

  async #follow({ feed, membership }: EventSource): Promise<void> {
    const { postgres, logger, metrics, readiness } = this.parts;
    this.#pool = new PostgresPool(postgres, projectionLimits);
    const observer = new MetricsObserver(metrics, logger);
    const store = new ProjectionStore(this.#pool);
    const projector = new Projector({ feed, store, clock: systemClock, observer });
    this.#projector = projector;
    const assigned = (partitions: readonly number[]): void => {
      logger.info({ event: 'shard.rebalance', partitions }, `projecting ${partitions.length} partitions`);
      projector.assign(partitions);
      readiness.set('partitions');
    };
    await membership.join(assigned, () => projector.positions());
    this.#report = setInterval(() => this.#tell(projector), reportEveryMs);
    this.#waits = setInterval(() => void this.#tellWaits(store), lookAtWaitsEveryMs);
  }

  /** With Postgres away there is nothing to tell: the gauge shows no kind rather than an old one. */
  async #tellWaits(store: ProjectionStore): Promise<void> {
    const { oldestWaiting } = this.parts.metrics;
    const waits = await store.oldestWaits().catch(() => new Map<string, number>());
    oldestWaiting.reset();
    for (const [kind, since] of waits) oldestWaiting.set({ kind }, Math.max(0, (Date.now() - since) / 1_000));
  }

  #tell(projector: Projector): void {
    this.parts.metrics.lag.set(projector.lagMs() / 1_000);
    const reasons = projector.waiting();
    this.parts.readiness.set('projection', reasons.length === 0 ? undefined : reasons.slice(0, 3).join('; '));
  }
}
