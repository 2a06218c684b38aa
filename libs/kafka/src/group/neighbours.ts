import type { GroupPeer } from './consumer-protocol.js';

/** Successors that a member watches once the group is too large for everybody to watch everybody. */
const successors = 4;

/**
 * Whom each member watches: all others up to `meshLimit` members, beyond it its four successors in a ring by member id. Two that watch
 * the same one are then at most three apart, so one of them watches the other: they can agree. What an assignment carries, and the number of
 * connections, grow with the members, not with their square.
 */
export function neighboursOf(memberId: string, peers: readonly GroupPeer[], meshLimit: number): GroupPeer[] {
  const ring = [...peers].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const others = ring.filter((peer) => peer.memberId !== memberId);
  if (ring.length <= meshLimit) return others;
  const after = others.findIndex((peer) => peer.memberId > memberId);
  const start = Math.max(after, 0);
  return [...others.slice(start), ...others.slice(0, start)].slice(0, successors);
}
