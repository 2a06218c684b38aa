import type { EpochMs, ExecutionState, Json, JsonObject, WorkflowState } from '#core';
import type { Cause } from '#protocol';

/** How far Postgres covers a partition (L9). Always written whole. */
export interface Checkpoint {
  /** Every event below this offset is in the snapshots; recovery reads from here. */
  readonly offset: number;
  /** The epoch in force at `offset`; undefined only when `offset` is the log's start. */
  readonly epochAtOffset?: string;
  readonly commandOffset: number;
  readonly decidedAbove: readonly number[];
  /** LogAppendTime of the highest command that these call decided; absent where it is not known (L11). */
  readonly commandTime?: number;
  /** End of the log as confirmed when this was saved: no snapshot holds an event at or above it. A log that ends below has lost its tail (L11). */
  readonly coveredTo: number;
  /** The epoch of the record at `coveredTo - 1`, to recognise that record again (L11). */
  readonly coveredEpoch: string;
}

/** The stored row: the checkpoint and who may move it. */
export interface CheckpointRow extends Checkpoint {
  readonly claimedEpoch: string;
  /** Number of the last save; absent = none since the row began. */
  readonly revision?: number;
}

/** An entity's state as stored. Executions carry what lets an owner find them again without loading all. */
export type Snapshot = SnapshotHead &
  ({ readonly kind: 'workflow'; readonly state: WorkflowState } | { readonly kind: 'execution'; readonly state: ExecutionState });

interface SnapshotHead {
  /** `entityKey()` of the protocol. */
  readonly key: string;
  readonly seq: number;
  /** The command that began the entity, for dedupe (`executionId` derived from its `commandId`). */
  readonly origin?: Cause;
  /** When the owner must have it in memory: its earliest timer; 0 = a node is running, or a deleted workflow still cancels its executions: load at recovery; absent = nothing to wake. */
  readonly wakeAt?: EpochMs;
  readonly finished: boolean;
  /** V2: why the entity is quarantined, and at which offset. */
  readonly quarantine?: { readonly reason: string; readonly offset: number };
}

/** First answer to a command, kept for the dedupe window. */
export interface DecidedCommand extends Cause {
  readonly at: EpochMs;
  readonly answer: CommandAnswer;
}

export type CommandAnswer =
  | { readonly ok: true; readonly result: JsonObject }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly details?: Json };

export type ClaimOutcome = { readonly status: 'claimed' } | { readonly status: 'lost'; readonly row: CheckpointRow | undefined };

/** Snapshots and checkpoints in Postgres. Every method rejects with TransientError when the database cannot be asked. */
export interface SnapshotStore {
  checkpoint(partition: number): Promise<CheckpointRow | undefined>;
  /**
   * Compare-and-set on the claimed epoch: `expected` is what was read (undefined = no row). `voided` (L11) drops the
   * partition's snapshots and decided commands and starts at `initial` in the same transaction.
   */
  claim(partition: number, expected: string | undefined, epoch: string, initial: Checkpoint, voided: boolean): Promise<ClaimOutcome>;
  /** L10: one statement; nothing is written where the claimed epoch is not `epoch`, or the row's revision does not fit the batch's. An entity is upserted only where the stored seq is lower, or equal with another quarantine (V2). Of a decided command the first answer stays. */
  save(partition: number, epoch: string, batch: SnapshotBatch): Promise<'saved' | 'fenced'>;
  load(partition: number, keys: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>;
  /** First answers to these commands, where the store knows them. */
  findCommands(partition: number, commandIds: readonly string[]): Promise<ReadonlyMap<string, DecidedCommand>>;
  /** Keys of unfinished entities (executions, and workflows that still cancel theirs) with `wakeAt <= before`, earliest first, at most `limit`. */
  dueBefore(partition: number, before: EpochMs, limit: number): Promise<readonly { readonly key: string; readonly wakeAt: EpochMs }[]>;
  /** Keys of unfinished executions of a workflow, in key order, after `afterKey`. */
  unfinishedOf(partition: number, workflowId: string, afterKey: string | undefined, limit: number): Promise<readonly string[]>;
}

export interface SnapshotBatch {
  readonly snapshots: readonly Snapshot[];
  readonly decided: readonly DecidedCommand[];
  readonly checkpoint: Checkpoint;
  /** Counts the saves. A stored row below `follows` is of a database that went back in time (restored, or failed over to a lagging replica), one above `is` shows that this statement is late: nothing is written then, `fenced`. */
  readonly revision?: { readonly follows: number; readonly is: number };
  /** Decided commands older than this are dropped. */
  readonly forgetBefore: EpochMs;
}
