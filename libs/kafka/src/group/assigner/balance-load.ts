import type { Holdings } from './holdings.js';
import { LoadTable } from './load-table.js';
import { type Offer, StepFinder } from './step-finder.js';

/** What moves anyway is placed better where that relieves a member of more than this share of the mean load of a member. */
const freeShare = 0.01;
/** A partition moves for load only away from a member with more than this many times the mean load … */
const highWater = 1.25;
/** … and more than this above it, microseconds per second: 5 % of a core. An idle group never moves anything for load. */
const highWaterFloorUs = 50_000;
/** Relief ends here, so that loads which wander around the high water move nothing again. */
const lowWater = 1.1;
/** Each partition that moves for load must relieve its member of more than this share of the mean … */
const paidShare = 0.01;
/** … and of more than this, microseconds per second. */
const paidFloorUs = 5_000;
/** At most this share of all partitions moves for load in one rebalance, but always enough for one exchange. */
const paidBudgetShare = 0.25;
const exchangeMoves = 2;

/**
 * Improves an assignment that is balanced by count, by load: members that are too heavy hand a partition to a lighter one and take a
 * lighter partition for it, so that counts stay within one and the owner of a hot partition has fewer and lighter others.
 *
 * Free steps first: those that make no further partition move. Then paid ones: from members above 1.25 times the mean load until they are
 * at 1.1 times, each partition that moves relieving its member of at least 1 % of the mean, and only between members all of whose
 * partitions are measured. A step makes the heavier of two members lighter, so the search ends. A second rebalance with the same loads
 * moves nothing (unless the first was cut by its budget): every step then costs at least what it cost here.
 */
export function balanceLoad(holdings: Holdings, assigned: number[][]): number[][] {
  const table = new LoadTable(holdings, assigned);
  const mean = table.meanTotal;
  const finder = new StepFinder(table, { free: mean * freeShare, perMove: Math.max(mean * paidShare, paidFloorUs) });
  new Search(table, finder, 0).run();
  new Search(table, finder, Math.max(exchangeMoves, Math.floor(holdings.holders.length * paidBudgetShare))).run();
  return table.assigned;
}

/** Steepest descent: relieves the heaviest member that can be relieved, until none can. */
class Search {
  readonly #overloaded = new Set<number>();
  readonly #high: number;
  readonly #low: number;

  constructor(
    readonly table: LoadTable,
    readonly finder: StepFinder,
    /** Extra moves that may be made. */
    private budget: number,
  ) {
    const mean = table.meanTotal;
    this.#high = Math.max(mean * highWater, mean + highWaterFloorUs);
    this.#low = mean * lowWater;
  }

  run(): void {
    for (let offer = this.#next(); offer !== undefined; offer = this.#next()) {
      this.table.apply(offer.step);
      this.budget -= Math.max(0, offer.extraMoves);
    }
  }

  #next(): Offer | undefined {
    const order = this.table.heaviestFirst();
    for (const member of order) {
      const offer = this.#bestFor(member, order);
      if (offer !== undefined) return offer;
    }
    return undefined;
  }

  /** The step from this member that is worth most; undefined when none is worth its price. */
  #bestFor(member: number, order: readonly number[]): Offer | undefined {
    const budget = this.#isOverloaded(member) ? this.budget : 0;
    let best: Offer | undefined;
    for (let i = order.length - 1; i >= 0; i -= 1) {
      const other = order[i] ?? member;
      if (this.finder.bound(member, other) <= (best?.worth ?? 0)) return best; // the others are heavier still
      const offer = this.finder.best(member, other, budget);
      if (offer !== undefined && offer.worth > (best?.worth ?? 0)) best = offer;
    }
    return best;
  }

  /** From the high water on, until it is down at the low water. */
  #isOverloaded(member: number): boolean {
    const total = this.table.totalOf(member);
    if (total > this.#high) this.#overloaded.add(member);
    else if (total <= this.#low) this.#overloaded.delete(member);
    return this.#overloaded.has(member);
  }
}
