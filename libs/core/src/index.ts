export type {
  AttemptLostReported,
  CancelExecution,
  Command,
  CommandType,
  CreateWorkflow,
  DeleteWorkflow,
  ExecuteWorkflow,
  ExecutionCancelRequestedByWorkflow,
  NodeError,
  NodeOutcomeReported,
  NodeProgressReported,
  NodeResult,
  ReleaseQuarantine,
  Signal,
  SignalExecution,
  UnitOutcome,
  UpdateWorkflow,
  WakeUp,
} from './commands.js';
export type {
  AbortUnit,
  Action,
  CancelExecutionsOfWorkflow,
  CoreEnvironment,
  Decide,
  DecisionState,
  DispatchUnit,
  EvolveExecution,
  EvolveWorkflow,
  Input,
  React,
  ResultOf,
} from './core-api.js';
export { type Decision, type Refusal, type RefusalCode, refusalCodes } from './decision.js';
export type { EdgeDefinition, NodeDefinition, OnError, Problem, RetryPolicy, WorkflowDefinition } from './definition/definition.js';
export type { NodeCatalog, NodeDescriptor, NodeKind } from './definition/node-catalog.js';
export type { Event, EventDraft, EventType, ExecutionEvent, ExecutionEventBody, WorkflowEvent, WorkflowEventBody } from './events.js';
export type { ExecutionBody, ExecutionState, FinishedExecution, NodeState, OpenExecution } from './execution/execution-state.js';
export type { CompiledExpression, ExpressionCompiler, ExpressionResult, ExpressionScope } from './expressions.js';
export { assertNever, type EpochMs, type Json, type JsonObject } from './json.js';
export type { Plan, PlanEdge, PlanNode, PlanRetry, PlanUnit } from './plan/plan.js';
export {
  type ActiveWorkflow,
  type ExecutionSummary,
  maxKeptVersions,
  maxRecentUnfinished,
  type WorkflowState,
  type WorkflowVersion,
} from './workflow/workflow-state.js';
