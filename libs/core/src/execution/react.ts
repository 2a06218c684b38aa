import type { AbortUnit, Action, DispatchUnit, React } from '../core-api.js';
import type { ExecutionEvent } from '../events.js';
import type { Plan } from '../plan/plan.js';
import { isRunning } from './execution-decision.js';
import type { ExecutionState, StartedExecution } from './execution-state.js';
import type { ExecutionIds } from './execution-turn.js';
import { nodeStateOf } from './node-states.js';
import { baseScopeOf, inputOf } from './scope.js';

/** What to do after a confirmed fact, given the execution after the whole append: an attempt that has ended again meanwhile is not dispatched. */
export const react: React = (event, state, plan) => {
  switch (event.type) {
    case 'NodeExecutionStarted':
      return dispatchStarted(event, state, plan, event.data.attempt);
    case 'NodeExecutionFailed':
      return event.data.error.code === 'TIMED_OUT' ? abortTimedOut(event, plan, event.data.attempt) : [];
    case 'WorkflowFailed':
    case 'WorkflowCancelled':
      return state.status === 'notStarted' ? [] : abortCancelled(event, state, plan);
    case 'WorkflowDeleted':
    case 'ShardClosed':
      return event.data.force ? [{ type: 'CancelExecutionsOfWorkflow', workflowId: event.workflowId }] : [];
    default:
      return [];
  }
};

type NodeEvent = Extract<ExecutionEvent, { type: 'NodeExecutionStarted' | 'NodeExecutionFailed' }>;

function dispatchStarted(event: NodeEvent, state: ExecutionState, plan: Plan | undefined, attempt: number): readonly Action[] {
  if (plan === undefined || 'unitId' in event.data) return []; // the stage's first node stands for it
  const unit = dispatchOf(state, plan, event, event.data.nodeId);
  return unit?.attempt === attempt ? [unit] : [];
}

/** The dispatch of a task or stage whose attempt is open; undefined for anything else. */
export function dispatchOf(state: ExecutionState, plan: Plan, ids: ExecutionIds, unitId: string): DispatchUnit | undefined {
  const unit = plan.units.get(unitId);
  if (unit === undefined || unit.kind === 'control' || !isRunning(state)) return undefined;
  const head = nodeStateOf(state, unitId);
  if (head?.status !== 'running') return undefined;
  return {
    type: 'DispatchUnit',
    workflowId: ids.workflowId,
    executionId: ids.executionId,
    attempt: head.attempt,
    unit,
    nodes: unit.nodeIds.flatMap((id) => plan.nodes.get(id) ?? []),
    input: inputOf(state, plan, unit),
    scope: baseScopeOf(state, ids),
    ...(head.checkpoint === undefined ? {} : { checkpoint: head.checkpoint }),
    ...(head.timeoutAt === undefined ? {} : { timeoutAt: head.timeoutAt }),
  };
}

function abortTimedOut(event: NodeEvent, plan: Plan | undefined, attempt: number): readonly AbortUnit[] {
  const unitId = event.data.unitId ?? event.data.nodeId;
  if (plan?.units.get(unitId)?.kind === 'control') return [];
  return [{ type: 'AbortUnit', executionId: event.executionId, unitId, attempt, reason: 'timed_out' }];
}

/** Whatever was open when the execution ended; an abort of something that is not running does nothing. */
function abortCancelled(event: ExecutionEvent, state: StartedExecution, plan: Plan | undefined): readonly AbortUnit[] {
  const aborts: AbortUnit[] = [];
  for (const [unitId, node] of Object.entries(state.nodes)) {
    if (node.status !== 'cancelled' || node.unitId !== undefined || plan?.units.get(unitId)?.kind === 'control') continue;
    aborts.push({ type: 'AbortUnit', executionId: event.executionId, unitId, attempt: node.attempt, reason: 'cancelled' });
  }
  return aborts;
}
