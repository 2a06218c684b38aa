import type { EpochMs, ExecutionState, JsonObject, WorkflowState } from '#core';
import type { Cause } from '#protocol';

/** How far Postgres covers a partition (L9). Always written whole. */
export interface Checkpoint {
  /** Every event below this offset is in the snapshots; recovery reads from here. */
  readonly offset: number;
  /** The epoch in force at `offset`; undefined only when `offset` is the log's start. */
  readonly epochAtOffset?: string;
  readonly commandOffset: number;
  readonly decidedAbove: readonly number[];
}

/** The stored row: the checkpoint and who may move it. */
export interface CheckpointRow extends Checkpoint {
  readonly claimedEpoch: string;
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
  /** When the owner must have it in memory: its earliest timer; 0 = a node is running: load at recovery; absent = nothing to wake. */
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
  | { readonly ok: false; readonly code: string; readonly message: string };

export type ClaimOutcome = { readonly status: 'claimed' } | { readonly status: 'lost'; readonly row: CheckpointRow | undefined };

/** Snapshots and checkpoints in Postgres. Every method rejects with TransientError when the database cannot be asked. */
export interface SnapshotStore {
  checkpoint(partition: number): Promise<CheckpointRow | undefined>;
  /**
   * Compare-and-set on the claimed epoch: `expected` is what was read (undefined = no row). `voided` (L11) drops the
   * partition's snapshots and decided commands and starts at `initial` in the same transaction.
   */
  claim(partition: number, expected: string | undefined, epoch: string, initial: Checkpoint, voided: boolean): Promise<ClaimOutcome>;
  /** L10: one statement; nothing is written where the claimed epoch is not `epoch`. An entity is upserted only where the stored seq is lower. */
  save(partition: number, epoch: string, batch: SnapshotBatch): Promise<'saved' | 'fenced'>;
  load(partition: number, keys: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>;
  /** First answers to these commands, where the store knows them. */
  findCommands(partition: number, commandIds: readonly string[]): Promise<ReadonlyMap<string, DecidedCommand>>;
  /** Keys of unfinished executions with `wakeAt <= before`, earliest first, at most `limit`. */
  dueBefore(partition: number, before: EpochMs, limit: number): Promise<readonly { readonly key: string; readonly wakeAt: EpochMs }[]>;
  /** Keys of unfinished executions of a workflow, in key order, after `afterKey`. */
  unfinishedOf(partition: number, workflowId: string, afterKey: string | undefined, limit: number): Promise<readonly string[]>;
}

export interface SnapshotBatch {
  readonly snapshots: readonly Snapshot[];
  readonly decided: readonly DecidedCommand[];
  readonly checkpoint: Checkpoint;
  /** Decided commands older than this are dropped. */
  readonly forgetBefore: EpochMs;
}
