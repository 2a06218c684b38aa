import type { DeleteWorkflow } from '../commands.js';
import { accept, type Decision, refuse } from '../decision.js';
import { resultOfDraft } from '../result.js';
import { refuseFullOutbox } from './draft-version.js';
import type { ActiveWorkflow, WorkflowState } from './workflow-state.js';

/**
 * Deletes a workflow without running executions; or lets those end by themselves (`drain`), or cancels them (`force`). One whose executions
 * are spread is not deleted without either, unless its sender has asked the other partitions: nobody counts them all at a time, so what has
 * started since is left to end by itself.
 */
export function decideDelete(command: DeleteWorkflow, workflow: WorkflowState): Decision {
  const { workflowId } = command;
  const { force = false, drain = false } = command.data;
  if (workflow.status !== 'active') return refuse('WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
  const refusal = (force || drain ? undefined : refuseRunning(command, workflow)) ?? refuseFullOutbox(workflowId, workflow);
  if (refusal !== undefined) return refusal;
  const body = { type: 'WorkflowDeleted', data: { force } } as const;
  return accept([{ ...body, entity: 'workflow' }], resultOfDraft({ workflowId }, body));
}

function refuseRunning({ workflowId, runningElsewhere }: DeleteWorkflow, workflow: ActiveWorkflow): Decision | undefined {
  const runningCount = workflow.runningCount + (workflow.sharding === undefined ? 0 : (runningElsewhere ?? 0));
  if (runningCount > 0) {
    const message = `workflow ${workflowId} has ${runningCount} running execution(s): cancel them first, or delete by force`;
    return refuse('WORKFLOW_HAS_RUNNING_EXECUTIONS', message, { runningCount });
  }
  if (workflow.sharding === undefined || runningElsewhere !== undefined) return undefined;
  const message = `the executions of workflow ${workflowId} are spread over partitions and not counted here: delete it with drain (they end by themselves), by force, or by HTTP, which asks every partition`;
  return refuse('INVALID_COMMAND', message);
}
