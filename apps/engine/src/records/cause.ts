/** Who went from the group, why and when (epoch ms), as this engine heard. `left`: by its own will. */
export interface Gone {
  readonly instance: string;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** The group around this engine at its latest assignment. */
export interface Surroundings {
  readonly self: string;
  readonly departures: readonly Gone[];
  /** Instances in the group; undefined where this engine does not know them all (failure detector off, or a large group). */
  readonly members: ReadonlySet<string> | undefined;
}

/** Why a partition changed hands. A `failover` follows a death, a `migration` somebody's will. `since`: when it began, where that was before the assignment. */
export interface Cause {
  readonly kind: 'migration' | 'failover';
  readonly reason: 'first' | 'returned' | 'left' | 'rebalance' | 'gone' | 'replaced' | 'silent' | 'stalled' | 'session';
  readonly since?: number;
}

/** A departure this long before a move has nothing to do with it. */
const recentMs = 60_000;
const deaths: ReadonlySet<string> = new Set(['gone', 'replaced', 'silent', 'stalled']);

/** Why the partition came here from `from` (undefined: it never had an owner) with the assignment of `at`. */
export function causeOf(from: string | undefined, at: number, { self, departures, members }: Surroundings): Cause {
  if (from === undefined) return { kind: 'migration', reason: 'first' };
  const gone = departures.findLast((one) => one.instance === from && at - one.at < recentMs);
  if (gone && isDeath(gone.reason)) return { kind: 'failover', reason: gone.reason, since: Math.min(at, gone.at) };
  if (from === self) return { kind: 'migration', reason: 'returned' };
  if (gone) return { kind: 'migration', reason: 'left', since: Math.min(at, gone.at) };
  if (members && !members.has(from)) return { kind: 'failover', reason: 'session' };
  return { kind: 'migration', reason: 'rebalance' };
}

function isDeath(reason: string): reason is 'gone' | 'replaced' | 'silent' | 'stalled' {
  return deaths.has(reason);
}

/** The same before the owner before is known: somebody has just died, or nobody has. */
export function guessedKind(at: number, departures: readonly Gone[]): Cause['kind'] {
  return departures.some((one) => isDeath(one.reason) && at - one.at < 5_000) ? 'failover' : 'migration';
}
