import type { CoreEnvironment, DecisionState } from '../core-api.js';
import type { EpochMs } from '../json.js';
import type { Plan } from '../plan/plan.js';
import type { ExecutionState, OpenExecution } from './execution-state.js';
import { type ExecutionIds, ExecutionTurn } from './execution-turn.js';

export type RunningExecution = ExecutionState & OpenExecution;

/** Narrows to an execution that has begun and not ended. */
export function isRunning(state: ExecutionState): state is RunningExecution {
  return state.status === 'running' || state.status === 'cancelling';
}

/** A decision on a running execution: `now` never runs backwards within an entity. */
export function beginTurn(input: ExecutionIds & { readonly now: EpochMs }, execution: RunningExecution): ExecutionTurn {
  const ids = { workflowId: input.workflowId, executionId: input.executionId };
  return new ExecutionTurn(ids, execution, Math.max(input.now, execution.lastAt));
}

/** The plan a running execution stays on. Its absence is a broken assumption (a node type has gone): the entity is quarantined (V3). */
export function planOfRunning(workflowId: string, version: number, state: DecisionState, env: CoreEnvironment): Plan {
  const plan = env.planOf(state.workflow, workflowId, version);
  if (plan === undefined) throw new TypeError(`no plan for version ${version} of workflow ${workflowId}: are its node types installed?`);
  return plan;
}
