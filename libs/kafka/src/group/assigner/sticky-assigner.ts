import { balanceCount } from './balance-count.js';
import { balanceLoad } from './balance-load.js';
import type { Claim } from './claim.js';
import { holdingsOf } from './holdings.js';

/** Name of the assigner in the group protocol. */
export const stickyProtocol = 'millrace-sticky';

/**
 * Spreads `partitions` (0…n−1) over the members. By count first: counts differ by one at most, and no more partitions move than that
 * needs. Then by load, where members report it: what moves anyway goes where it balances best, and beyond that a partition moves only
 * if it relieves a clearly heavier member (`balanceLoad`). Pure: the same claims give the same answer whatever their order.
 */
export function assignSticky(claims: readonly Claim[], partitions: number): ReadonlyMap<string, readonly number[]> {
  if (claims.length === 0) return new Map();
  const holdings = holdingsOf(claims, partitions);
  const assigned = balanceLoad(holdings, balanceCount(holdings));
  return new Map(holdings.memberIds.map((memberId, index) => [memberId, assigned[index] ?? []]));
}
