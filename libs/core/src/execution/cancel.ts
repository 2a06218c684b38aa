import type { CancelExecution, ExecutionCancelRequestedByWorkflow } from '../commands.js';
import { accept, type Decision, refuse } from '../decision.js';
import { resultOfDraft } from '../result.js';
import { beginTurn, isRunning } from './execution-decision.js';
import type { ExecutionState } from './execution-state.js';
import { cancelExecution } from './finish-execution.js';

/** Cancels a running execution at once; what runs of it is aborted when this is confirmed. A finished one refuses. */
export function decideCancel(command: CancelExecution, execution: ExecutionState): Decision {
  const { workflowId, reason } = command;
  const ids = { workflowId, executionId: command.data.executionId };
  if (execution.status === 'notStarted') {
    return refuse('EXECUTION_NOT_FOUND', `workflow ${workflowId} has no execution ${ids.executionId}`, { executionId: ids.executionId });
  }
  if (!isRunning(execution)) {
    const details = { executionId: ids.executionId, status: execution.outcome };
    return refuse('EXECUTION_FINISHED', `execution ${ids.executionId} has already ended: ${execution.outcome}`, details);
  }
  const turn = beginTurn({ ...ids, now: command.now }, execution);
  cancelExecution(turn, reason);
  return accept(turn.events, resultOfDraft(ids, { type: 'ExecutionCancelRequested', data: {} }));
}

/** The workflow was deleted by force. What has ended stays as it is. */
export function decideCancelByWorkflow(signal: ExecutionCancelRequestedByWorkflow, execution: ExecutionState): Decision {
  if (!isRunning(execution)) return accept();
  const turn = beginTurn(signal, execution);
  cancelExecution(turn, 'the workflow was deleted');
  return accept(turn.events);
}
