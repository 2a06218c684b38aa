/** What a member says it holds when it joins. */
export interface Claim {
  readonly memberId: string;
  /** Partitions of its latest assignment. */
  readonly owned: readonly number[];
  /** The group generation of that assignment; -1 = none yet. The higher one wins where two claim the same partition. */
  readonly generation: number;
}

/** Name of the assigner in the group protocol. */
export const stickyProtocol = 'millrace-sticky';

/**
 * Spreads `partitions` (0…n−1) over the members: counts differ by one at most, every member keeps as much of what it owns as that
 * allows, and nothing else moves. Pure: the same claims give the same answer whatever their order.
 */
export function assignSticky(claims: readonly Claim[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const kept = keptBy(claims, partitions);
  const memberIds = [...kept.keys()];
  if (memberIds.length === 0) return new Map();
  const share = Math.floor(partitions / memberIds.length);
  const limits = limitsOf(kept, share, partitions % memberIds.length);
  const assigned = new Map(memberIds.map((id) => [id, (kept.get(id) ?? []).slice(0, limits.get(id) ?? share)]));
  const taken = new Set([...assigned.values()].flat());
  const free = range(partitions).filter((partition) => !taken.has(partition));
  for (const [id, mine] of assigned) mine.push(...free.splice(0, Math.max(0, (limits.get(id) ?? share) - mine.length)));
  return new Map([...assigned].map(([id, mine]) => [id, mine.sort(ascending)]));
}

/** Valid claims per member, in order of member id. */
function keptBy(claims: readonly Claim[], partitions: number): Map<string, number[]> {
  const byId = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const kept = new Map<string, number[]>(byId.map(({ memberId }) => [memberId, []]));
  for (const partition of range(partitions)) {
    let holder: Claim | undefined;
    for (const claim of byId) {
      if (claim.owned.includes(partition) && (!holder || claim.generation > holder.generation)) holder = claim;
    }
    if (holder) kept.get(holder.memberId)?.push(partition);
  }
  return kept;
}

/** Who may hold one more than the even share: first those who already do. */
function limitsOf(kept: ReadonlyMap<string, readonly number[]>, share: number, extra: number): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  const fullestFirst = [...kept].sort(([, a], [, b]) => b.length - a.length);
  for (const [index, [id]] of fullestFirst.entries()) limits.set(id, share + (index < extra ? 1 : 0));
  return limits;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function ascending(a: number, b: number): number {
  return a - b;
}
