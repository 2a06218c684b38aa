import type { LoadTable, Step } from './load-table.js';

/** What a step is worth: what the heavier of its two members is relieved of, less its price, for each partition moved; microseconds per second. */
export interface Offer {
  readonly step: Step;
  readonly worth: number;
  readonly extraMoves: number;
}

/** What a step must gain, microseconds per second: one that makes no further partition move, and one that does, per partition. */
export interface Prices {
  readonly free: number;
  readonly perMove: number;
}

/** A search's answer, and what it holds for. */
interface Found {
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly allowed: number;
  readonly offer: Offer | undefined;
}

/** Finds the best step between two members, and remembers it until one of them changes. */
export class StepFinder {
  readonly #found: (Found | undefined)[];

  constructor(
    readonly table: LoadTable,
    readonly prices: Prices,
  ) {
    this.#found = new Array<Found | undefined>(table.assigned.length ** 2).fill(undefined);
  }

  /** The step from `from` that is worth most; undefined when none is worth its price. `budget`: extra moves that are left. */
  best(from: number, to: number, budget: number): Offer | undefined {
    const { table } = this;
    const place = from * table.assigned.length + to;
    const [fromVersion, toVersion, allowed] = [table.versionOf(from), table.versionOf(to), Math.min(budget, 2)];
    const found = this.#found[place];
    if (found?.fromVersion === fromVersion && found.toVersion === toVersion && found.allowed === allowed) return found.offer;
    const offer = this.#search(from, to, allowed);
    this.#found[place] = { fromVersion, toVersion, allowed, offer };
    return offer;
  }

  /** No step between the two can be worth more than this. */
  bound(from: number, to: number): number {
    return (this.table.totalOf(from) - this.table.totalOf(to)) / 2 - this.prices.free;
  }

  #search(from: number, to: number, budget: number): Offer | undefined {
    const { table } = this;
    const isFree = table.hasMoving(from) || table.hasMoving(to);
    const allowed = table.isKnown(from) && table.isKnown(to) ? budget : 0;
    if (!isFree && (allowed === 0 || this.bound(from, to) + this.prices.free <= this.prices.perMove)) return undefined;
    const theirs = table.partsOf(to);
    const candidates = table.partsOf(from).length > theirs.length ? [undefined, ...theirs] : theirs;
    let best: Offer | undefined;
    for (const given of table.partsOf(from)) {
      for (const taken of candidates) best = this.#better({ from, to, given, taken }, allowed, best);
    }
    return best;
  }

  #better(step: Step, allowed: number, best: Offer | undefined): Offer | undefined {
    const { table, prices } = this;
    const change = table.loadOf(step.given) - (step.taken === undefined ? 0 : table.loadOf(step.taken));
    const gain = Math.min(change, table.totalOf(step.from) - table.totalOf(step.to) - change);
    const least = best?.worth ?? 0;
    if (gain - prices.free <= least) return best;
    const extraMoves = table.extraMoves(step);
    const worth = (gain - Math.max(prices.free, extraMoves * prices.perMove)) / Math.max(1, extraMoves);
    return extraMoves > allowed || worth <= least ? best : { step, worth, extraMoves };
  }
}
