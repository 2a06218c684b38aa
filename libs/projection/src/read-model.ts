import type { EpochMs, Event, ExecutionStatus, JsonObject, Problem } from '#core';

/** One page of a list, newest first. `nextCursor` is opaque text; absent on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** `workflow state` of the contract's closed list. */
export type WorkflowRunState = 'draft' | 'idle' | 'running' | 'completed' | 'failed';

/** `execution status` of the contract's closed list. */
export type ExecutionRunStatus = ExecutionStatus;

export interface WorkflowQuery {
  /** 1–1,000. */
  readonly limit: number;
  readonly cursor?: string;
  readonly tag?: string;
  readonly state?: WorkflowRunState;
  /** Case-insensitive part of id, name or description. */
  readonly q?: string;
  /** True: rows come without `definition`, which spares reading them. */
  readonly summary?: boolean;
}

/** A workflow that is not deleted. Times are epoch milliseconds. */
export interface WorkflowItem {
  readonly workflowId: string;
  readonly partition: number;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly state: WorkflowRunState;
  readonly version: number;
  readonly problemCount: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly executionCount: number;
  readonly runningCount: number;
  /** The latest version as given; absent where `summary` was asked for. */
  readonly definition?: JsonObject;
}

/** One immutable version, as given by the user. */
export interface VersionItem {
  readonly version: number;
  readonly problemCount: number;
  readonly createdAt: EpochMs;
  readonly definition: JsonObject;
  /** The first of its problems; empty unless it is a draft. */
  readonly problems: readonly Problem[];
}

export interface ExecutionQuery {
  readonly workflowId?: string;
  readonly status?: ExecutionRunStatus;
  /** 1–1,000. */
  readonly limit: number;
  readonly cursor?: string;
}

/** An execution in a list. Times are epoch milliseconds. */
export interface ExecutionItem {
  readonly workflowId: string;
  readonly executionId: string;
  readonly workflowName: string;
  readonly version: number;
  readonly status: ExecutionRunStatus;
  readonly startTime: EpochMs;
  readonly endTime: EpochMs | null;
  readonly logsCount: number;
}

/** One node of an execution as `/api/history` shows it; times are epoch milliseconds, `null` = not there yet. */
export interface HistoryNode {
  readonly nodeId: string;
  readonly nodeType: string;
  readonly startTime: EpochMs | null;
  readonly endTime: EpochMs | null;
  readonly duration: number | null;
  readonly status: string;
  readonly recordsProcessed: number;
  readonly error: string | null;
}

/** One execution as `/api/history` shows it. */
export interface HistoryExecution {
  readonly executionId: string;
  readonly workflowName: string;
  readonly startTime: EpochMs;
  readonly endTime: EpochMs | null;
  readonly status: ExecutionRunStatus;
  readonly duration: number | null;
  readonly nodes: readonly HistoryNode[];
}

/** `/api/history/{id}/status`. */
export interface HistoryStatus {
  readonly workflowId: string;
  readonly state: WorkflowRunState;
  readonly currentExecution: (HistoryExecution & { readonly completedNodes: number; readonly totalNodes: number }) | null;
  readonly allExecutions: readonly HistoryExecution[];
}

/** `/api/history/{id}/timeline`. */
export interface Timeline {
  readonly executionId: string;
  readonly startTime: EpochMs;
  readonly endTime: EpochMs | null;
  readonly duration: number | null;
  readonly nodes: readonly HistoryNode[];
}

/** What became of a command. `workflowId` is unknown for a command that was refused or changed nothing. */
export interface CommandOutcome {
  readonly commandId: string;
  readonly status: 'applied' | 'refused' | 'expired';
  readonly at: EpochMs;
  readonly workflowId?: string;
  readonly result?: JsonObject;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What happened to the group (contract §3). `fence`: an owner began a new epoch of its own, in doubt or after a halt. */
export const clusterEventKinds = [
  'migration',
  'failover',
  'fence',
  'rebalance',
  'member.joined',
  'member.left',
  'member.suspected',
] as const;
export type ClusterEventKind = (typeof clusterEventKinds)[number];

/**
 * A move of one partition, a rebalance of all, or something about a member. A move is known by the fence in its log; its end, its
 * kind and its entities as the new owner recorded them. Without that record `end` is when the next owner came, and null before.
 */
export interface ClusterEvent {
  readonly kind: ClusterEventKind;
  readonly start: EpochMs;
  /** Equal to `start` for what has no length. */
  readonly end: EpochMs | null;
  readonly reason?: string;
  readonly partition?: number;
  /** Instances: the owner before (absent for the first) and the one that took over. */
  readonly from?: string;
  readonly to?: string;
  readonly address?: string;
  readonly generation?: number;
  readonly epoch?: string;
  /** Entities that were loaded for it: the ones that were active. */
  readonly entities?: number;
  /** Of a rebalance: how many partitions moved, and how many stayed. */
  readonly moved?: number;
  readonly kept?: number;
  /** Instance and membership that joined, left, or was suspected, and who said so. */
  readonly member?: string;
  readonly memberId?: string;
  readonly by?: string;
}

export interface ClusterEventQuery {
  /** 1–1,000. */
  readonly limit: number;
  readonly cursor?: string;
  readonly kind?: ClusterEventKind;
  readonly partition?: number;
}

export interface PartitionCounts {
  readonly workflows: number;
  readonly executions: number;
  readonly unfinished: number;
}

/**
 * The read side (design §8): lists, search and history, following the log within a second. It may be behind: "not found"
 * here (`undefined`) is no proof that a thing does not exist. Every method rejects with TransientError when Postgres
 * cannot be asked, and with `InvalidCursorError` for a cursor that it did not hand out.
 */
export interface ReadModel {
  workflows(query: WorkflowQuery): Promise<Page<WorkflowItem>>;
  workflow(workflowId: string): Promise<WorkflowItem | undefined>;
  /** `workflowStatusView` of the core: `{workflowId, state, executionCount, currentExecution, lastExecution, running}`. */
  workflowStatus(workflowId: string): Promise<JsonObject | undefined>;
  /** Oldest first; undefined for an unknown workflow. */
  versions(workflowId: string): Promise<readonly VersionItem[] | undefined>;
  version(workflowId: string, version: number): Promise<VersionItem | undefined>;
  executions(query: ExecutionQuery): Promise<Page<ExecutionItem>>;
  /** `executionView` of the core: the execution detail of contract §9. */
  execution(workflowId: string, executionId: string): Promise<JsonObject | undefined>;
  /** In seq order, those with `seq > afterSeq`, at most `limit`. Empty also for an unknown execution. */
  events(workflowId: string, executionId: string, afterSeq: number, limit: number): Promise<readonly Event[]>;
  /** The newest 100 executions, oldest first; undefined for an unknown workflow. */
  history(workflowId: string): Promise<{ readonly workflowId: string; readonly executions: readonly HistoryExecution[] } | undefined>;
  historyStatus(workflowId: string): Promise<HistoryStatus | undefined>;
  historyExecution(workflowId: string, executionId: string): Promise<HistoryExecution | undefined>;
  /** The newest execution where none is named. */
  timeline(workflowId: string, executionId?: string): Promise<Timeline | undefined>;
  command(commandId: string): Promise<CommandOutcome | undefined>;
  /** Newest first. */
  clusterEvents(query: ClusterEventQuery): Promise<Page<ClusterEvent>>;
  /** By partition; partitions without workflows are absent. Counted at most once a second. */
  workflowCounts(): Promise<ReadonlyMap<number, PartitionCounts>>;
  /** How far the read model is behind the log, ms: the slowest partition; grows while no projector runs, Infinity while none has ever run. Asked at most twice a second. */
  lagMs(): Promise<number>;
}

/** A `cursor` that this read model did not hand out. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}
