import type { RecoveryReport } from '#runtime';
import { type Cause, causeOf, guessedKind } from './cause.js';
import { RebalanceRecord } from './rebalance-record.js';
import type { Assignment, TakeOversParts } from './take-over-parts.js';

interface Gained {
  readonly generation: number;
  readonly at: number;
  readonly kind: Cause['kind'];
  readonly rebalance: RebalanceRecord;
}

const events = { migration: 'workflow.migration', failover: 'failover' } as const;

/** Records how partitions come to this engine, from assignment to serving: log lines, metrics, and rows for `cluster/events` (contract §6, §7). */
export class TakeOvers {
  readonly #open = new Map<number, Gained>();

  constructor(private readonly parts: TakeOversParts) {}

  assigned(change: Assignment): void {
    const { logger, now, surroundings } = this.parts;
    const at = now();
    for (const partition of change.lost) this.#end(partition);
    const rebalance = new RebalanceRecord(change, at, this.parts);
    const { departures, self } = surroundings();
    const kind = guessedKind(at, departures);
    for (const partition of change.gained) {
      this.#open.set(partition, { generation: change.generation, at, kind, rebalance });
      const fields = { event: events[kind], phase: 'start', partition, to: self, generation: change.generation };
      logger.info(fields, `partition ${partition} comes here`);
    }
  }

  /** The partition has been recovered; why it moved is found out beside it. Never rejects. */
  async recovered(partition: number, report: RecoveryReport): Promise<void> {
    const gained = this.#open.get(partition);
    if (!gained) return; // begun again without having moved
    const endAt = this.parts.now();
    this.#end(partition, report.entitiesLoaded);
    const { previousEpoch } = report;
    const from = previousEpoch === undefined ? undefined : await this.parts.ownerOf(partition, previousEpoch);
    this.#moved(partition, { gained, report, endAt, from });
  }

  /** It does not come to serve: halted here, or the group gave it away again. */
  abandoned(partition: number, reason: string): void {
    const gained = this.#open.get(partition);
    if (!gained) return;
    this.#end(partition);
    const fields = { event: events[gained.kind], phase: 'end', partition, to: this.parts.surroundings().self, reason };
    this.parts.logger.warn({ ...fields, durationMs: this.parts.now() - gained.at }, `partition ${partition} does not serve here`);
  }

  #end(partition: number, entities?: number): void {
    this.#open.get(partition)?.rebalance.settled(partition, entities);
    this.#open.delete(partition);
  }

  #moved(partition: number, how: { gained: Gained; report: RecoveryReport; endAt: number; from: string | undefined }): void {
    const { gained, report, endAt, from } = how;
    const { metrics, logger, records } = this.parts;
    const surroundings = this.parts.surroundings();
    const { kind, reason, since } = causeOf(from, gained.at, surroundings);
    const startAt = since ?? gained.at;
    const durationMs = endAt - startAt;
    const move = { ...(from === undefined ? {} : { from }), to: surroundings.self, reason, generation: gained.generation };
    const fields = { event: events[kind], phase: 'end', partition, ...move, durationMs, entities: report.entitiesLoaded };
    logger.info(fields, `partition ${partition} serves here`);
    if (kind === 'failover') {
      metrics.failovers.inc({ reason });
      metrics.failoverDuration.observe(durationMs / 1_000);
    }
    const { epoch, entitiesLoaded: entities, recordsRead } = report;
    records.write({ id: `${partition}/${epoch}`, kind, partition, epoch, startAt, endAt, body: { ...move, entities, recordsRead } });
  }
}
