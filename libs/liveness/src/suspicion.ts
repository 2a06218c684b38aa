import type { Peer, SuspicionReason } from './peer.js';

export interface SuspicionLimits {
  readonly pingIntervalMs: number;
  /** Answers missed in a row before a peer counts as silent. */
  readonly missedPings: number;
  /** A main loop that has not turned for so long counts as dead, ms. */
  readonly stallAfterMs: number;
}

/** What this process has seen of a peer over its own connection. */
export interface Sight {
  readonly peer: Peer;
  /** The member id that its latest answer gave; undefined before the first. */
  readonly answeredAs: string | undefined;
  /** Pings in a row without an answer. */
  readonly missed: number;
  /** How long its main loop had not turned, by its latest answer. */
  readonly loopAgeMs: number;
  readonly ended?: 'gone' | 'replaced';
}

/** A peer is taken for dead only over a connection on which it has answered since its latest join: then no two members can evict each other again and again. */
export function suspicionOf(sight: Sight, otherVotes: number, limits: SuspicionLimits): SuspicionReason | undefined {
  if (!hasAnswered(sight)) return undefined;
  if (sight.ended) return sight.ended;
  if (isSilent(sight, limits)) return otherVotes > 0 ? 'silent' : undefined; // the silence may be ours
  return sight.loopAgeMs >= limits.stallAfterMs ? 'stalled' : undefined;
}

/** Whoever has not been heard since its latest join is not silent: nobody knows. */
export function isSilent(sight: Sight, limits: SuspicionLimits): boolean {
  return hasAnswered(sight) && sight.missed >= limits.missedPings;
}

/** Whether its latest answer came under the member id that it has in the group now. */
export function hasAnswered({ answeredAs, peer }: Sight): boolean {
  return answeredAs === peer.memberId;
}
