export type {
  AttemptHandedOff,
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
export { controlNodes } from './control/control-nodes.js';
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
  LeftUnit,
  React,
  ResultOf,
} from './core-api.js';
export { decide } from './decide.js';
export { type Decision, type Refusal, type RefusalCode, refusalCodes } from './decision.js';
export { type CompiledDefinition, type CompileOptions, compileDefinition } from './definition/compile-definition.js';
export type { EdgeDefinition, NodeDefinition, OnError, Problem, RetryPolicy, WorkflowDefinition } from './definition/definition.js';
export { parseDurationMs } from './definition/duration.js';
export type { NodeCatalog, NodeDescriptor, NodeKind } from './definition/node-catalog.js';
export { isSpread, type ShardingStrategyName, shardingStrategies } from './definition/read-sharding.js';
export { createCoreEnvironment } from './environment.js';
export type { Event, EventDraft, EventType, ExecutionEvent, ExecutionEventBody, WorkflowEvent, WorkflowEventBody } from './events.js';
export { maxKeptProblems } from './events.js';
export { evolveExecution, foldExecution } from './execution/evolve-execution.js';
export {
  type ExecutionBody,
  type ExecutionState,
  type FinishedExecution,
  initialExecutionState,
  maxLostAttempts,
  maxPendingSignals,
  type NodeState,
  type OpenExecution,
  type StartedExecution,
} from './execution/execution-state.js';
export { type ExecutionStatus, executionStatusOf, executionView } from './execution/execution-view.js';
export { leftUnits } from './execution/left-units.js';
export { dispatchOf, react } from './execution/react.js';
export { isFinished, openAttempts, runningUnits, wakeAt } from './execution/waiting.js';
export type { CompiledExpression, ExpressionCompiler, ExpressionResult, ExpressionScope } from './expressions.js';
export { assertNever, type EpochMs, type Json, type JsonObject } from './json.js';
export type { Plan, PlanEdge, PlanNode, PlanRetry, PlanUnit } from './plan/plan.js';
export { resultOf } from './result.js';
export { evolveWorkflow } from './workflow/evolve-workflow.js';
export { sumStatus } from './workflow/sum-status.js';
export {
  type ActiveWorkflow,
  type ExecutionSummary,
  initialWorkflowState,
  isShard,
  isSpreadState,
  maxKeptVersions,
  maxRecentUnfinished,
  type ShardMessage,
  type WorkflowState,
  type WorkflowVersion,
} from './workflow/workflow-state.js';
export { workflowStatusView } from './workflow/workflow-status-view.js';
