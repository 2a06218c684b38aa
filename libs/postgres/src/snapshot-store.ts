import type { EpochMs } from '#core';
import type { Checkpoint, CheckpointRow, ClaimOutcome, DecidedCommand, Snapshot, SnapshotBatch, SnapshotStore } from '#runtime';
import type { PostgresPool } from './postgres-pool.js';
import {
  type CheckpointColumns,
  type DecidedColumns,
  type SnapshotColumns,
  toCheckpointRow,
  toDecided,
  toSnapshot,
} from './snapshot-rows.js';
import { checkpointQuery, claimQuery, dueQuery, findCommandsQuery, loadQuery, saveQuery, unfinishedQuery } from './snapshot-sql.js';

/** Keys asked for in one statement: bounds the size of an answer. */
const keysPerStatement = 1_000;
/** Dropping a partition's snapshots may take longer than the 2 s of an ordinary statement. */
const voidTimeoutMs = 120_000;

/** Snapshots and checkpoints in Postgres (L9, L10). Give it a pool with `snapshotLimits`. */
export class PostgresSnapshotStore implements SnapshotStore {
  readonly #forgottenAt = new Map<number, EpochMs>();

  /** Decided commands past the window are deleted when `forgetBefore` has moved on by `forgetIntervalMs` (default a minute): it need not be prompt. */
  constructor(
    private readonly pool: PostgresPool,
    private readonly options: { readonly forgetIntervalMs?: number } = {},
  ) {}

  async checkpoint(partition: number): Promise<CheckpointRow | undefined> {
    const rows = await this.pool.rows<CheckpointColumns>(checkpointQuery(partition), `reading the checkpoint of partition ${partition}`);
    return rows[0] && toCheckpointRow(rows[0]);
  }

  async claim(partition: number, expected: string | undefined, epoch: string, initial: Checkpoint, voided: boolean): Promise<ClaimOutcome> {
    const doing = `claiming partition ${partition} for epoch ${epoch}`;
    const query = claimQuery({ partition, expected, epoch, initial, voided });
    const claimed = voided
      ? await this.pool.transaction(doing, (transaction) => transaction.rows(query, doing), voidTimeoutMs)
      : await this.pool.rows(query, doing);
    if (claimed.length > 0) return { status: 'claimed' };
    const row = await this.checkpoint(partition);
    // The epoch is unique: if it stands there, an earlier attempt of this claim got through and only its answer was lost.
    return row?.claimedEpoch === epoch ? { status: 'claimed' } : { status: 'lost', row };
  }

  async save(partition: number, epoch: string, batch: SnapshotBatch): Promise<'saved' | 'fenced'> {
    const forgetBefore = this.#dueToForget(partition, batch.forgetBefore);
    const query = saveQuery(partition, epoch, batch, forgetBefore);
    const rows = await this.pool.rows<{ moved: number }>(query, `saving snapshots of partition ${partition}`);
    if (rows[0]?.moved !== 1) return 'fenced';
    if (forgetBefore !== undefined) this.#forgottenAt.set(partition, forgetBefore);
    return 'saved';
  }

  async load(partition: number, keys: readonly string[]): Promise<ReadonlyMap<string, Snapshot>> {
    const found = new Map<string, Snapshot>();
    for (let from = 0; from < keys.length; from += keysPerStatement) {
      const query = loadQuery(partition, keys.slice(from, from + keysPerStatement));
      const rows = await this.pool.rows<SnapshotColumns>(query, `loading snapshots of partition ${partition}`);
      for (const row of rows) found.set(row.key, toSnapshot(row));
    }
    return found;
  }

  async findCommands(partition: number, commandIds: readonly string[]): Promise<ReadonlyMap<string, DecidedCommand>> {
    const found = new Map<string, DecidedCommand>();
    for (let from = 0; from < commandIds.length; from += keysPerStatement) {
      const query = findCommandsQuery(partition, commandIds.slice(from, from + keysPerStatement));
      const rows = await this.pool.rows<DecidedColumns>(query, `looking up commands of partition ${partition}`);
      for (const row of rows) found.set(row.command_id, toDecided(row));
    }
    return found;
  }

  async dueBefore(partition: number, before: EpochMs, limit: number): Promise<readonly { key: string; wakeAt: EpochMs }[]> {
    const query = dueQuery(partition, before, limit);
    const rows = await this.pool.rows<{ key: string; wake_at: EpochMs }>(query, `looking for due timers of partition ${partition}`);
    return rows.map((row) => ({ key: row.key, wakeAt: row.wake_at }));
  }

  async unfinishedOf(partition: number, workflowId: string, afterKey: string | undefined, limit: number): Promise<readonly string[]> {
    const query = unfinishedQuery(partition, workflowId, afterKey, limit);
    const rows = await this.pool.rows<{ key: string }>(query, `listing unfinished executions of ${workflowId}`);
    return rows.map((row) => row.key);
  }

  #dueToForget(partition: number, before: EpochMs): EpochMs | undefined {
    const last = this.#forgottenAt.get(partition) ?? Number.NEGATIVE_INFINITY;
    return before - last >= (this.options.forgetIntervalMs ?? 60_000) ? before : undefined;
  }
}
