import type { Command, Signal } from './commands.js';
import type { Decision } from './decision.js';
import type { NodeCatalog } from './definition/node-catalog.js';
import type { Event, ExecutionEvent, WorkflowEvent } from './events.js';
import type { ExecutionState } from './execution/execution-state.js';
import type { ExpressionCompiler, ExpressionScope } from './expressions.js';
import type { EpochMs, Json, JsonObject } from './json.js';
import type { Plan, PlanNode, PlanUnit } from './plan/plan.js';
import type { WorkflowState } from './workflow/workflow-state.js';

/** Everything the core needs from outside: node types and the expression language. Both pure. */
export interface CoreEnvironment {
  readonly catalog: NodeCatalog;
  readonly expressions: ExpressionCompiler;
  /** The compiled plan of one version, or undefined when that version is unknown or a draft. Memoised by the caller. */
  planOf(workflow: WorkflowState, workflowId: string, version: number): Plan | undefined;
}

/** The entities one input may read and change. `execution` is the initial state where the input names none. */
export interface DecisionState {
  readonly workflow: WorkflowState;
  readonly execution: ExecutionState;
}

export type Input = Command | Signal;

/** `decide(input, state, env)`: deterministic, no clock, no randomness. */
export type Decide = (input: Input, state: DecisionState, env: CoreEnvironment) => Decision;
export type EvolveWorkflow = (state: WorkflowState, event: WorkflowEvent) => WorkflowState;
export type EvolveExecution = (state: ExecutionState, event: ExecutionEvent) => ExecutionState;
/** What to do once `event` is confirmed; `state` is the execution after the whole append. */
export type React = (event: Event, state: ExecutionState, plan: Plan | undefined) => readonly Action[];

/** Work for a shell, derived from a confirmed fact. */
export type Action = DispatchUnit | AbortUnit | CancelExecutionsOfWorkflow;

/** Run one attempt of a task or a stage. The runtime adds the dispatching epoch. */
export interface DispatchUnit {
  readonly type: 'DispatchUnit';
  readonly workflowId: string;
  readonly executionId: string;
  readonly attempt: number;
  readonly unit: PlanUnit;
  /** The unit's nodes, in the order of `unit.nodeIds`: a runner has no plan at hand. */
  readonly nodes: readonly PlanNode[];
  /** A task's input (contract §8): the output of its one incoming edge, `{[nodeId]: output}` for several, the execution's input for a first node. */
  readonly input: Json;
  /** What expressions of the unit's nodes see besides the record: `input`, `nodes`, `execution`. */
  readonly scope: ExpressionScope;
  /** The last confirmed checkpoint of a stage, to resume from. */
  readonly checkpoint?: Json;
  readonly timeoutAt?: EpochMs;
}

/** Stop an attempt whose outcome no longer counts (cancelled, timed out). */
export interface AbortUnit {
  readonly type: 'AbortUnit';
  readonly executionId: string;
  readonly unitId: string;
  readonly attempt: number;
  readonly reason: 'cancelled' | 'timed_out';
}

/** A stage of an ended execution that did not complete: what its attempts prepared is to be removed. */
export interface LeftUnit {
  readonly workflowId: string;
  readonly executionId: string;
  readonly unitId: string;
  readonly nodes: readonly PlanNode[];
}

/** The workflow, or its shard here, was deleted with `force`: send ExecutionCancelRequestedByWorkflow to every unfinished execution of it. */
export interface CancelExecutionsOfWorkflow {
  readonly type: 'CancelExecutionsOfWorkflow';
  readonly workflowId: string;
}

/** The reply to a command, derived from the first event that it caused. */
export type ResultOf = (event: Event) => JsonObject;
