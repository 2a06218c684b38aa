import type { Claim } from './claim.js';
import { holdingsOf } from './holdings.js';

/** A claim of a member that may be able to hand partitions over while it goes on. */
export interface HandOverClaim extends Claim {
  /** It does so when the assignment tells it to; one that cannot (an older version) loses what moves at once. */
  readonly handsOver: boolean;
}

export interface HandOverPlan {
  /** What each member has until the next rebalance. */
  readonly assigned: ReadonlyMap<string, readonly number[]>;
  /** By member: what it is to hand over. It is in its assignment still, and belongs to nobody once it has joined without it. */
  readonly release: ReadonlyMap<string, readonly number[]>;
}

/**
 * A partition that is to move from a living member stays with it until that one has brought it to its end in good order: attempts handed
 * off, snapshots saved. Only then, in the rebalance that it asks for, it moves. The idea is that of Kafka's incremental cooperative
 * rebalancing (KIP-429). `declined`: partitions that their holder does not get on with; those move at once.
 */
export function planHandOver(
  wanted: ReadonlyMap<string, readonly number[]>,
  claims: readonly HandOverClaim[],
  declined: ReadonlyMap<string, readonly number[]>,
): HandOverPlan {
  const partitions = Math.max(0, ...[...wanted.values()].flat().map((partition) => partition + 1));
  const { memberIds, holders } = holdingsOf(claims, partitions);
  const able = new Set(claims.filter(({ handsOver }) => handsOver).map(({ memberId }) => memberId));
  const assigned = new Map([...wanted.keys()].map((memberId): [string, number[]] => [memberId, []]));
  const release = new Map<string, number[]>();
  for (const [target, own] of wanted)
    for (const partition of own) {
      const holder = memberIds[holders[partition] ?? -1];
      const isDeclined = holder !== undefined && declined.get(holder)?.includes(partition) === true;
      const stays = holder !== undefined && holder !== target && able.has(holder) && !isDeclined;
      assigned.get(stays ? holder : target)?.push(partition);
      if (stays) release.set(holder, [...(release.get(holder) ?? []), partition]);
    }
  return { assigned, release };
}
