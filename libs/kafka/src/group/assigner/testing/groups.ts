import fc from 'fast-check';
import type { Claim, PartitionLoad } from '../claim.js';

/** A small group in which everything is held or free, as the brute-force reference takes it. */
export interface SmallGroup {
  readonly members: number;
  /** Per partition, its holder; −1 = free. */
  readonly holders: readonly number[];
  /** Per partition, events per second. */
  readonly rates: readonly number[];
}

/** 2–3 members, 0–7 partitions, some of them free unless `heldOnly`, of any loads up to `maxRate`. */
export function smallGroup({ maxRate, heldOnly = false }: { readonly maxRate: number; readonly heldOnly?: boolean }) {
  return fc.integer({ min: 2, max: 3 }).chain((members) =>
    fc.array(fc.record({ holder: fc.integer({ min: heldOnly ? 0 : -1, max: members - 1 }), rate: fc.nat(maxRate) }), { maxLength: 7 }).map(
      (partitions): SmallGroup => ({
        members,
        holders: partitions.map(({ holder }) => holder),
        rates: partitions.map(({ rate }) => rate),
      }),
    ),
  );
}

/** What the members of a group claim; with what they measured. */
export function claimsIn({ members, holders, rates }: SmallGroup): Claim[] {
  return Array.from({ length: members }, (_, member) => {
    const owned = [...holders.keys()].filter((partition) => holders[partition] === member);
    const loads = new Map(owned.map((partition) => [partition, eventsOnly(rates[partition] ?? 0)]));
    return { memberId: `m${member}`, owned, generation: 4, loads };
  });
}

/** The claims that an assignment leads to, with these loads by partition. */
export function claimsAfter(assigned: ReadonlyMap<string, readonly number[]>, rateOf: (partition: number) => number): Claim[] {
  return [...assigned].map(([memberId, owned]) => {
    const loads = new Map(owned.map((partition) => [partition, eventsOnly(rateOf(partition))]));
    return { memberId, owned, generation: 7, loads };
  });
}

/** How many partitions an assignment takes away from who claims them. */
export function movesIn(claims: readonly Claim[], assigned: ReadonlyMap<string, readonly number[]>): number {
  return claims.reduce((moves, { memberId, owned }) => {
    const kept = new Set(assigned.get(memberId));
    return moves + owned.filter((partition) => !kept.has(partition)).length;
  }, 0);
}

export interface Scored {
  readonly moves: number;
  /** Sum of the squares of the members' loads: less = more even. */
  readonly unevenness: number;
}

/** Moves and evenness of an assignment given as the owner of each partition; undefined where counts differ by more than one. */
export function score({ members, holders, rates }: SmallGroup, owners: readonly number[]): Scored | undefined {
  const counts = new Array<number>(members).fill(0);
  const totals = new Array<number>(members).fill(0);
  let moves = 0;
  for (const [partition, owner] of owners.entries()) {
    counts[owner] = (counts[owner] ?? 0) + 1;
    totals[owner] = (totals[owner] ?? 0) + (rates[partition] ?? 0);
    if (holders[partition] !== -1 && holders[partition] !== owner) moves += 1;
  }
  if (Math.max(...counts) - Math.min(...counts) > 1) return undefined;
  return { moves, unevenness: totals.reduce((sum, total) => sum + total * total, 0) };
}

/** Every assignment that is balanced by count, by brute force. */
export function everyBalanced(group: SmallGroup): Scored[] {
  const { members, holders } = group;
  const scored: Scored[] = [];
  for (let code = 0; code < members ** holders.length; code += 1) {
    const owners = holders.map((_, partition) => Math.floor(code / members ** partition) % members);
    const one = score(group, owners);
    if (one !== undefined) scored.push(one);
  }
  return scored;
}

/** The owner of each partition, from what `assignSticky` answers for `claimsIn`. */
export function ownersIn({ holders }: SmallGroup, assigned: ReadonlyMap<string, readonly number[]>): number[] {
  const owners = holders.map(() => -1);
  for (const [memberId, mine] of assigned) for (const partition of mine) owners[partition] = Number(memberId.slice(1));
  return owners;
}

function eventsOnly(eventsPerSecond: number): PartitionLoad {
  return { eventsPerSecond, stageMsPerSecond: 0 };
}
