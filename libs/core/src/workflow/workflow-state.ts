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

/** State of a workflow entity. JSON-safe: a snapshot is this object. */
export type WorkflowState = EntityHead &
  (
    | { readonly status: 'absent' }
    | {
        readonly status: 'deleted';
        readonly runningCount: number;
        readonly cancelRunning: boolean;
        readonly versions: readonly WorkflowVersion[];
        readonly lastVersion: number;
        readonly runningByVersion: Readonly<Record<string, number>>;
      }
    | ActiveWorkflow
  );

export interface ActiveWorkflow {
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
/** Unfinished executions that a workflow remembers by id. */
export const maxRecentUnfinished = 32;
