import type { DeleteWorkflow } from '../commands.js';
import { accept, type Decision, refuse } from '../decision.js';
import { resultOfDraft } from '../result.js';
import { refuseFullOutbox } from './draft-version.js';
import type { WorkflowState } from './workflow-state.js';

/**
 * Deletes a workflow without running executions, or, by force, cancels those. Of executions on other partitions nothing is known here:
 * without force they are left to end by themselves.
 */
export function decideDelete(command: DeleteWorkflow, workflow: WorkflowState): Decision {
  const { workflowId } = command;
  const force = command.data.force ?? false;
  if (workflow.status !== 'active') return refuse('WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
  const { runningCount } = workflow;
  if (runningCount > 0 && !force) {
    const message = `workflow ${workflowId} has ${runningCount} running execution(s): cancel them first, or delete by force`;
    return refuse('WORKFLOW_HAS_RUNNING_EXECUTIONS', message, { runningCount });
  }
  const full = refuseFullOutbox(workflowId, workflow);
  if (full !== undefined) return full;
  const body = { type: 'WorkflowDeleted', data: { force } } as const;
  return accept([{ ...body, entity: 'workflow' }], resultOfDraft({ workflowId }, body));
}
