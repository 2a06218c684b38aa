import type { Holdings } from './holdings.js';

/**
 * Spreads all partitions over the members so that counts differ by one at most, with the fewest moves: every member keeps as much as
 * its share allows. Those who hold most may hold one more than the others. Answers partitions per member index, ascending.
 */
export function balanceCount({ memberIds, holders }: Holdings): number[][] {
  const kept: number[][] = memberIds.map(() => []);
  for (const [partition, holder] of holders.entries()) kept[holder]?.push(partition);
  const limits = limitsOf(kept, holders.length);
  const assigned = kept.map((mine, index) => mine.slice(0, limits[index]));
  const taken = new Set(assigned.flat());
  const free = [...holders.keys()].filter((partition) => !taken.has(partition));
  for (const [index, mine] of assigned.entries()) {
    mine.push(...free.splice(0, Math.max(0, (limits[index] ?? 0) - mine.length)));
    mine.sort((a, b) => a - b);
  }
  return assigned;
}

/** Who may hold one more than the even share: first those who already do. */
function limitsOf(kept: readonly (readonly number[])[], partitions: number): number[] {
  const share = Math.floor(partitions / kept.length);
  const limits = kept.map(() => share);
  const fullestFirst = [...kept.entries()].sort(([, a], [, b]) => b.length - a.length);
  for (const [index] of fullestFirst.slice(0, partitions % kept.length)) limits[index] = share + 1;
  return limits;
}
