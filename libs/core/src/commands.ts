import type { EpochMs, Json, JsonObject } from './json.js';
import type { ShardMessage } from './workflow/workflow-state.js';

interface CommandOf<Type extends string, Data> {
  readonly type: Type;
  readonly commandId: string;
  readonly workflowId: string;
  readonly data: Data;
  /** When the runtime took it up; decisions use this and never a clock. */
  readonly now: EpochMs;
  readonly actor?: string;
  readonly reason?: string;
}

export type CreateWorkflow = CommandOf<'CreateWorkflow', { readonly definition: JsonObject; readonly strict?: boolean }>;
export type UpdateWorkflow = CommandOf<'UpdateWorkflow', { readonly definition: JsonObject; readonly strict?: boolean }>;
/** `force` cancels what runs; `drain` lets it end by itself. */
export type DeleteWorkflow = CommandOf<'DeleteWorkflow', { readonly force?: boolean; readonly drain?: boolean }> & {
  /** Of a workflow whose executions are spread: how many the sender found running on other partitions than the workflow's. Absent: it has not asked. */
  readonly runningElsewhere?: number;
};
/** `executionId` is always present here: the runtime derives one from `commandId` where the caller gave none. */
export type ExecuteWorkflow = CommandOf<
  'ExecuteWorkflow',
  { readonly executionId: string; readonly input?: Json; readonly version?: number }
>;
export type CancelExecution = CommandOf<'CancelExecution', { readonly executionId: string }>;
export type SignalExecution = CommandOf<
  'SignalExecution',
  { readonly executionId: string; readonly name: string; readonly payload?: Json }
>;
/** Releases an entity that V2 quarantined; handled by the runtime, listed here so that the union is closed. */
export type ReleaseQuarantine = CommandOf<'ReleaseQuarantine', { readonly executionId?: string }>;
/** From a workflow's home to a partition where its executions may live, too (L12). `revision`: the seq of the fact at home that says so. */
export type PlaceShard = CommandOf<'PlaceShard', Omit<Extract<ShardMessage, { type: 'PlaceShard' }>, 'type'>>;
/** From a deleted workflow's home to its shards (L12). */
export type CloseShard = CommandOf<'CloseShard', Omit<Extract<ShardMessage, { type: 'CloseShard' }>, 'type'>>;

export type Command =
  | CreateWorkflow
  | UpdateWorkflow
  | DeleteWorkflow
  | ExecuteWorkflow
  | CancelExecution
  | SignalExecution
  | ReleaseQuarantine
  | PlaceShard
  | CloseShard;
export type CommandType = Command['type'];

/** What a node attempt, or the clock, tells the core. Not commands: nobody can produce them from outside. */
export type Signal =
  | NodeProgressReported
  | NodeOutcomeReported
  | AttemptLostReported
  | AttemptHandedOff
  | WakeUp
  | ExecutionCancelRequestedByWorkflow
  | OutboxSentReported;

interface SignalOf<Kind extends string> {
  readonly type: Kind;
  readonly workflowId: string;
  readonly executionId: string;
  readonly now: EpochMs;
}

/** A stage's checkpoint, opaque to the core. */
export interface NodeProgressReported extends SignalOf<'NodeProgressReported'> {
  readonly unitId: string;
  readonly attempt: number;
  readonly checkpoint: Json;
}

export interface NodeOutcomeReported extends SignalOf<'NodeOutcomeReported'> {
  readonly unitId: string;
  readonly attempt: number;
  readonly outcome: UnitOutcome;
}

/** Recovery found this attempt started and not ended, and it does not run in this process. */
export interface AttemptLostReported extends SignalOf<'AttemptLostReported'> {
  readonly unitId: string;
  readonly attempt: number;
}

/** The owner gives the partition up in good order: this attempt, should it still be open, ends here and begins anew on the next owner. */
export interface AttemptHandedOff extends SignalOf<'AttemptHandedOff'> {
  readonly unitId: string;
  readonly attempt: number;
}

/** The earliest timer of the execution may be due: fire all that are due at `now`. */
export interface WakeUp extends SignalOf<'WakeUp'> {
  /** In which node its running stages were just then, by unit, where that is known: a time-out is that node's. */
  readonly stagesAt?: Readonly<Record<string, string>>;
}

/** The workflow was deleted with `force`. */
export type ExecutionCancelRequestedByWorkflow = SignalOf<'ExecutionCancelRequestedByWorkflow'>;

/** The messages that the workflow's facts up to `revision` hold are on the commands topic (L12). */
export interface OutboxSentReported {
  readonly type: 'OutboxSentReported';
  readonly workflowId: string;
  readonly now: EpochMs;
  readonly revision: number;
}

/** How one attempt of a unit ended. */
export type UnitOutcome =
  | { readonly status: 'completed'; readonly nodes: Readonly<Record<string, NodeResult>> }
  | { readonly status: 'failed'; readonly error: NodeError; readonly failedNodeId?: string };

/** What one node of a unit did; a unit's single task node has just `output`. Counts are records. */
export interface NodeResult {
  readonly output?: Json;
  readonly recordsIn?: number;
  readonly recordsOut?: number;
  readonly durationMs?: number;
}

/** What a node threw, as data: `code` is the thrown error's `code` or its class name. */
export interface NodeError {
  readonly code: string;
  readonly message: string;
  /** False: no retry whatever the policy says. */
  readonly retryable?: boolean;
  readonly details?: Json;
  readonly cause?: NodeError;
}
