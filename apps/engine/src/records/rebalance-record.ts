import type { Assignment, TakeOversParts } from './take-over-parts.js';

const hourMs = 3_600_000;
/** A departure this long before a rebalance has caused it. */
const causedWithinMs = 5_000;

/** One rebalance as this engine sees it: it ends when every partition that it brought here serves, or is gone again. */
export class RebalanceRecord {
  readonly #open: Set<number>;
  readonly #startAt: number;
  #entities = 0;

  constructor(
    private readonly change: Assignment,
    at: number,
    private readonly parts: TakeOversParts,
  ) {
    const { generation, joinMs, gained, kept, lost } = change;
    this.#startAt = at - joinMs;
    this.#open = new Set(gained);
    const text = `assignment: ${gained.length} gained, ${lost.length} lost`;
    parts.logger.info({ event: 'shard.rebalance', phase: 'start', generation, joinMs, gained, kept, lost }, text);
    if (gained.length === 0) this.#end();
  }

  settled(partition: number, entities = 0): void {
    this.#entities += entities;
    if (this.#open.delete(partition) && this.#open.size === 0) this.#end();
  }

  #end(): void {
    const { generation, gained, kept, lost } = this.change;
    const { logger, metrics, records, surroundings, now } = this.parts;
    const endAt = now();
    const durationMs = endAt - this.#startAt;
    const { self, departures } = surroundings();
    const gone = departures.findLast((one) => one.at >= this.#startAt - causedWithinMs && one.at <= endAt);
    const reason = gone?.reason ?? 'members';
    const sizes = { gained: gained.length, kept: kept.length, lost: lost.length };
    const fields = { event: 'shard.rebalance', phase: 'end', generation, ...sizes, durationMs, reason };
    logger.info(fields, `${gained.length} partitions serve here after the rebalance`);
    metrics.rebalances.inc({ reason });
    metrics.rebalanceDuration.observe(durationMs / 1_000);
    // A group that was made anew counts its generations from 1 again: the hour tells such rebalances apart.
    const id = `rebalance/${generation}/${Math.floor(this.#startAt / hourMs)}`;
    const seen = { ...sizes, startAt: this.#startAt, endAt, entities: this.#entities, reason, generation };
    records.write({ id, kind: 'rebalance', startAt: this.#startAt, endAt, body: { [self]: seen } });
  }
}
