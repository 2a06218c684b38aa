import { type Claim, loadUs } from './claim.js';

/** Who is in the group and who validly holds what, by index of the members in order of their ids. */
export interface Holdings {
  readonly memberIds: readonly string[];
  /** Per partition, the index of its holder; -1 = nobody holds it. */
  readonly holders: readonly number[];
  /** Per partition, its load as its holder measured it, in microseconds per second; undefined = not known. */
  readonly loads: readonly (number | undefined)[];
}

/** Settles the claims: where two members claim the same partition the higher generation holds it. Independent of the claims' order. */
export function holdingsOf(claims: readonly Claim[], partitions: number): Holdings {
  const byId = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const holders = new Array<number>(partitions).fill(-1);
  for (const [index, { owned, generation }] of byId.entries()) {
    for (const partition of owned) {
      const holder = holders[partition]; // undefined outside the topic, or for what is no partition at all
      if (holder === undefined) continue;
      if (generation > (byId[holder]?.generation ?? Number.NEGATIVE_INFINITY)) holders[partition] = index;
    }
  }
  const loads = holders.map((holder, partition) => {
    const load = byId[holder]?.loads?.get(partition);
    return load === undefined ? undefined : loadUs(load);
  });
  return { memberIds: byId.map(({ memberId }) => memberId), holders, loads };
}
