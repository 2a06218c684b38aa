import type { EpochMs, ExecutionState, Problem, WorkflowState } from '#core';
import type { ExecutionRunStatus, WorkflowRunState } from './read-model.js';

/** `executions`: one row per execution. */
export interface ExecutionRow {
  readonly workflowId: string;
  readonly executionId: string;
  readonly partition: number;
  readonly seq: number;
  readonly status: ExecutionRunStatus;
  readonly version: number;
  readonly workflowName: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly lastEventAt: EpochMs;
  readonly commandId: string | null;
  /** Of a waiting execution: the kind of what it has waited for longest, and since when. */
  readonly waitingKind: string | null;
  readonly waitingSince: EpochMs | null;
  /** V2: why no later event was applied. */
  readonly quarantine: string | null;
}

/** `execution_events`: the events that one batch brought to an execution, as a JSON array in UTF-8. */
export interface ExecutionEventsRow {
  readonly workflowId: string;
  readonly executionId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly partition: number;
  readonly events: Uint8Array;
}

/** `workflows`: one row per workflow, and one per shard of it. `state` holds versions without their definitions. */
export interface WorkflowRow {
  /** Of a shard: the key of its entity, `workflowId/@partition`. */
  readonly workflowId: string;
  /** The workflow, where its executions are spread: on its own row and on those of its shards. */
  readonly spreadOf: string | null;
  readonly partition: number;
  readonly seq: number;
  readonly deleted: boolean;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly runState: WorkflowRunState;
  readonly version: number;
  readonly problemCount: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly executionCount: number;
  readonly runningCount: number;
  readonly state: WorkflowState;
  readonly quarantine: string | null;
}

export interface VersionRow {
  readonly workflowId: string;
  readonly version: number;
  readonly partition: number;
  readonly problemCount: number;
  readonly createdAt: EpochMs;
  /** JSON text. */
  readonly definition: string;
  readonly problems: readonly Problem[];
}

/** `command_outcomes`: first answers, except those of executes, which their execution's row names. */
export interface OutcomeRow {
  readonly commandId: string;
  readonly partition: number;
  readonly at: EpochMs;
  readonly workflowId: string | null;
  /** JSON text; null for a refusal. */
  readonly result: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

export interface ClusterEventRow {
  readonly partition: number;
  readonly offset: number;
  readonly at: EpochMs;
  readonly epoch: string;
  readonly instance: string;
  readonly address: string;
  readonly generation: number;
  readonly reason: string;
}

/** How far a partition is projected: the next offset to read, and the epoch in force there. */
export interface Position {
  readonly offset: number;
  readonly epoch: string | undefined;
}

/** An execution as the projector remembers it between batches. */
export interface KnownExecution {
  readonly row: ExecutionRow;
  /** Needed only while it goes on: a batch that brings its end needs no state. */
  readonly state: ExecutionState | undefined;
}

/** Everything that one batch changes, over all its partitions. */
export interface ProjectionBatch {
  readonly moves: readonly PartitionMove[];
  readonly executions: readonly ExecutionRow[];
  readonly executionEvents: readonly ExecutionEventsRow[];
  readonly workflows: readonly WorkflowRow[];
  readonly versions: readonly VersionRow[];
  readonly outcomes: readonly OutcomeRow[];
  readonly clusterEvents: readonly ClusterEventRow[];
}

/** Compare-and-set of a partition's position. */
export interface PartitionMove {
  readonly partition: number;
  readonly from: Position;
  readonly to: Position;
  /** How far behind the log this leaves the read model, ms. */
  readonly behindMs: number;
}
