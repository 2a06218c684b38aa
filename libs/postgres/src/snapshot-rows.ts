import type { EpochMs } from '#core';
import { type CheckpointRow, type CommandAnswer, type DecidedCommand, FatalError, type Snapshot } from '#runtime';
import { snapshotSchemaVersion } from './snapshot-sql.js';

export interface CheckpointColumns {
  readonly claimed_epoch: string;
  readonly offset: number;
  readonly epoch_at_offset: string | null;
  readonly command_offset: number;
  readonly decided_above: readonly (string | number)[];
  readonly command_time: number | null;
  readonly covered_to: number;
  readonly covered_epoch: string;
  readonly revision: number;
}

export interface SnapshotColumns {
  readonly key: string;
  readonly kind: 'workflow' | 'execution';
  readonly seq: number;
  readonly schema: number;
  readonly state: string;
  readonly origin_id: string | null;
  readonly origin_hash: string | null;
  readonly wake_at: EpochMs | null;
  readonly finished: boolean;
  readonly quarantine_reason: string | null;
  readonly quarantine_offset: number | null;
}

export interface DecidedColumns {
  readonly command_id: string;
  readonly command_hash: string;
  readonly at: EpochMs;
  readonly answer: string;
}

export function toCheckpointRow(row: CheckpointColumns): CheckpointRow {
  return {
    claimedEpoch: row.claimed_epoch,
    offset: row.offset,
    ...(row.epoch_at_offset === null ? {} : { epochAtOffset: row.epoch_at_offset }),
    commandOffset: row.command_offset,
    decidedAbove: row.decided_above.map(Number),
    ...(row.command_time === null ? {} : { commandTime: row.command_time }),
    coveredTo: row.covered_to,
    coveredEpoch: row.covered_epoch,
    ...(row.revision === 0 ? {} : { revision: row.revision }),
  };
}

/** Throws FatalError `SNAPSHOT_SCHEMA` for a state that a newer version wrote. */
export function toSnapshot(row: SnapshotColumns): Snapshot {
  if (row.schema > snapshotSchemaVersion) {
    const known = `this version reads schema ${snapshotSchemaVersion} and older`;
    throw new FatalError('SNAPSHOT_SCHEMA', `snapshot ${row.key} has schema ${row.schema}; ${known}: start the newer version again`);
  }
  const snapshot = {
    kind: row.kind,
    key: row.key,
    seq: row.seq,
    finished: row.finished,
    state: JSON.parse(row.state) as unknown,
    ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
    ...(row.origin_id === null ? {} : { origin: { commandId: row.origin_id, commandHash: row.origin_hash ?? '' } }),
    ...(row.quarantine_reason === null ? {} : { quarantine: { reason: row.quarantine_reason, offset: row.quarantine_offset ?? -1 } }),
  };
  return snapshot as Snapshot;
}

export function toDecided(row: DecidedColumns): DecidedCommand {
  const answer = JSON.parse(row.answer) as CommandAnswer;
  return { commandId: row.command_id, commandHash: row.command_hash, at: row.at, answer };
}
