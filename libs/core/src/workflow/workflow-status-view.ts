import type { JsonObject } from '../json.js';
import type { ActiveWorkflow, ExecutionSummary, WorkflowState } from './workflow-state.js';

/**
 * Status of contract §3: `{workflowId, state, executionCount, currentExecution, lastExecution, running}`, times in epoch ms.
 * Meant for an active workflow; an absent or deleted one, which callers answer as not found, shows as idle and empty.
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
  };
}

function summaryView({ executionId, status, startTime, endTime }: ExecutionSummary): JsonObject {
  return { executionId, status, startTime, endTime };
}

function stateOf(workflow: ActiveWorkflow): 'draft' | 'idle' | 'running' | 'completed' | 'failed' {
  if (workflow.runningCount > 0) return 'running';
  if ((workflow.versions.at(-1)?.problemCount ?? 0) > 0) return 'draft';
  switch (workflow.lastExecution?.status) {
    case 'completed':
      return 'completed';
    case 'failed':
    case 'timed_out':
      return 'failed';
    default:
      return 'idle';
  }
}
