import type { JsonObject } from '../json.js';
import type { ActiveWorkflow, ExecutionSummary, WorkflowState } from './workflow-state.js';

/**
 * Status of contract §3: `{workflowId, state, executionCount, currentExecution, lastExecution, running}`, times in epoch ms.
 * Of a workflow whose executions are spread it counts those of its own partition, and says so by `sharding`; its shards count theirs. Meant for an active workflow; an absent or deleted one, which callers answer as not found, shows as idle and empty.
 */
export function workflowStatusView(workflowId: string, state: WorkflowState): JsonObject {
  if (state.status !== 'active') {
    return { workflowId, state: 'idle', executionCount: 0, currentExecution: null, lastExecution: null, running: 0 };
  }
  const current = state.recentUnfinished.at(-1);
  return {
    workflowId,
    state: stateOf(state),
    executionCount: state.executionCount,
    currentExecution: current === undefined ? null : summaryView(current),
    lastExecution: state.lastExecution === null ? null : summaryView(state.lastExecution),
    running: state.runningCount,
    ...(state.sharding === undefined ? {} : { sharding: state.sharding }),
  };
}

function summaryView({ executionId, status, startTime, endTime }: ExecutionSummary): JsonObject {
  return { executionId, status, startTime, endTime };
}

function stateOf(workflow: ActiveWorkflow): 'draft' | 'idle' | 'running' | 'completed' | 'failed' {
  if (workflow.runningCount > 0) return 'running';
  if ((workflow.versions.at(-1)?.problemCount ?? 0) > 0) return 'draft';
  return stateByLast(workflow.lastExecution?.status);
}

/** The state of a workflow at rest, from how its last execution ended. */
export function stateByLast(status: unknown): 'idle' | 'completed' | 'failed' {
  switch (status) {
    case 'completed':
      return 'completed';
    case 'failed':
    case 'timed_out':
      return 'failed';
    default:
      return 'idle';
  }
}
