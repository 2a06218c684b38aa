import type { EpochMs, JsonObject } from '../json.js';

/** One immutable version, as given by the user. A draft has problems and no plan. */
export interface WorkflowVersion {
  readonly version: number;
  readonly definition: JsonObject;
  readonly problemCount: number;
  readonly createdAt: EpochMs;
}

/** An execution as the workflow remembers it; times are epoch milliseconds. */
export interface ExecutionSummary {
  readonly executionId: string;
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled' | 'timed_out';
  readonly startTime: EpochMs;
  readonly endTime: EpochMs | null;
}

interface EntityHead {
  /** Last applied; 0 = nothing yet. Never restarts, not even after a delete. */
  readonly seq: number;
  /** Time of the last applied event; `now` never runs behind it. */
  readonly lastAt: EpochMs;
}

/**
 * What a fact at a workflow's home says to its shards, the partitions where its executions may live, too; `revision` is the fact's seq.
 * The message is part of the fact and stays in the state until it is sent (L12). `begins`: a new life of the workflow.
 */
export type ShardMessage =
  | {
      readonly type: 'PlaceShard';
      readonly revision: number;
      readonly begins: boolean;
      readonly version: number;
      readonly definition: JsonObject;
      readonly problemCount: number;
    }
  | { readonly type: 'CloseShard'; readonly revision: number; readonly force: boolean };

/** Of a workflow whose executions are spread (docs/sharding.md); all absent where they live on the workflow's partition. */
interface Spread {
  /** Fixed when the workflow is created, for good: also for an id that was deleted and is created again. */
  readonly sharding?: 'execution';
  /** At home: what is to be sent to the shards, oldest first; absent = nothing. At most `maxOutbox`. */
  readonly outbox?: readonly ShardMessage[];
  /** Of a shard: the last fact at home that it knows of. */
  readonly revision?: number;
}

/** State of a workflow entity, or, on another partition than the workflow's own, of its shard there. JSON-safe: a snapshot is this object. */
export type WorkflowState = EntityHead & ({ readonly status: 'absent' } | DeletedWorkflow | ActiveWorkflow);

/** Whether its executions are spread; also of a shard. */
export function isSpreadState(state: WorkflowState): boolean {
  return state.status !== 'absent' && (state.sharding !== undefined || state.revision !== undefined);
}

/** Whether it is a shard rather than the workflow itself. */
export function isShard(state: WorkflowState): boolean {
  return state.status !== 'absent' && state.revision !== undefined;
}

export interface DeletedWorkflow extends Spread {
  readonly status: 'deleted';
  readonly runningCount: number;
  readonly cancelRunning: boolean;
  readonly versions: readonly WorkflowVersion[];
  readonly lastVersion: number;
  readonly runningByVersion: Readonly<Record<string, number>>;
}

export interface ActiveWorkflow extends Spread {
  readonly status: 'active';
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Newest last. Older ones are dropped past `maxKeptVersions` unless a running execution needs them. */
  readonly versions: readonly WorkflowVersion[];
  readonly lastVersion: number;
  readonly executionCount: number;
  readonly runningCount: number;
  /** Unfinished executions per version, so that no version in use is dropped. */
  readonly runningByVersion: Readonly<Record<string, number>>;
  /** Newest last, at most `maxRecentUnfinished`: enough to name `currentExecution` without holding every id. */
  readonly recentUnfinished: readonly ExecutionSummary[];
  readonly lastExecution: ExecutionSummary | null;
}

/** A workflow before its first event. */
export const initialWorkflowState: WorkflowState = { seq: 0, lastAt: 0, status: 'absent' };

/** Versions kept in the state besides those that running executions need. */
export const maxKeptVersions = 20;
/** Messages that a workflow keeps until they are sent; a change that would add one more is refused. */
export const maxOutbox = 20;
/** Unfinished executions that a workflow remembers by id. */
export const maxRecentUnfinished = 32;
