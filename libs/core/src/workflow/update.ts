import type { UpdateWorkflow } from '../commands.js';
import type { CoreEnvironment } from '../core-api.js';
import { accept, type Decision, refuse } from '../decision.js';
import { resultOfDraft } from '../result.js';
import { draftVersion, refuseDefinition } from './draft-version.js';
import type { WorkflowState } from './workflow-state.js';

/** Adds a version. Running executions stay on theirs. */
export function decideUpdate(command: UpdateWorkflow, workflow: WorkflowState, env: CoreEnvironment): Decision {
  const { workflowId } = command;
  if (workflow.status !== 'active') return refuse('WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
  const data = draftVersion(command, workflow.lastVersion + 1, env);
  const refusal = refuseDefinition(command, data, workflow);
  if (refusal !== undefined) return refusal;
  const body = { type: 'WorkflowUpdated', data } as const;
  return accept([{ ...body, entity: 'workflow' }], resultOfDraft({ workflowId }, body));
}
