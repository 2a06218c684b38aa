import type { Standing } from '../owners/owner-standings.js';
import type { OwnerDirectory } from '../ports/owner-directory.js';

/** Why a command has no answer, by name. */
export interface NoAnswer {
  readonly code: 'TIMEOUT' | 'NO_OWNER' | 'OWNER_UNAVAILABLE' | 'KAFKA_UNAVAILABLE';
  readonly message: string;
}

/** Nobody owns the partition, or the group cannot be asked. */
export function noOwner(directory: OwnerDirectory, partition: number): NoAnswer & { readonly code: 'NO_OWNER' | 'KAFKA_UNAVAILABLE' } {
  const trouble = directory.trouble();
  if (trouble !== undefined) return { code: 'KAFKA_UNAVAILABLE', message: `Kafka cannot be asked: ${trouble}` };
  return { code: 'NO_OWNER', message: `no engine owns partition ${partition} now; try again in a moment` };
}

/** The owner says that the partition stands still: undefined where it does not, or has said nothing. */
export function standsStill(standing: Standing | undefined): (NoAnswer & { readonly code: 'OWNER_UNAVAILABLE' }) | undefined {
  if (standing?.partition.state !== 'halted') return undefined;
  const { partition, reason } = standing.partition;
  const message = `partition ${partition} is halted on ${standing.owner.instanceId}: ${reason ?? 'no reason given'}; GET /api/v1/cluster/shards shows it`;
  return { code: 'OWNER_UNAVAILABLE', message };
}

/** The time is up; the owner's last word on the partition says what it was waiting for. */
export function timedOut(partition: number, timeoutMs: number, standing: Standing | undefined): NoAnswer {
  const message = `the owner of partition ${partition} did not answer within ${timeoutMs} ms`;
  if (standing === undefined) return { code: 'TIMEOUT', message: `${message}, nor did it say why` };
  const { state, reason, lag } = standing.partition;
  const why = reason === undefined ? `${lag} commands wait there` : reason;
  return { code: 'TIMEOUT', message: `${message}: ${standing.owner.instanceId} is ${state} (${why})` };
}
