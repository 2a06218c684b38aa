import type { Logger, ProjectorMetrics } from '#observability';
import type { ProjectionObserver, StoppedEntity } from '#projection';

/** Turns what the projector tells into metrics and log lines. A reason that repeats is logged once until it changes. */
export class MetricsObserver implements ProjectionObserver {
  #lastWait = '';

  constructor(
    private readonly metrics: ProjectorMetrics,
    private readonly logger: Logger,
  ) {}

  projected(batch: { readonly partitions: number; readonly events: number; readonly durationMs: number }): void {
    this.#lastWait = '';
    this.metrics.events.inc(batch.events);
    this.metrics.batchDuration.observe(batch.durationMs / 1_000);
    this.logger.debug(batch, 'events projected');
  }

  rebuilding(partition: number, reason: string): void {
    this.logger.error({ partition, reason }, 'the log is not the one that was projected: dropping this partition and projecting it again');
  }

  halted(partition: number, reason: string): void {
    this.logger.error({ partition, reason }, 'projection of the partition halted: its neighbours go on');
  }

  entityStopped(partition: number, entity: StoppedEntity): void {
    this.logger.error({ partition, ...entity }, 'later events of this entity are not projected');
  }

  waiting(reason: string): void {
    if (reason === this.#lastWait) return;
    this.#lastWait = reason;
    this.logger.warn({ reason }, 'waiting');
  }
}
