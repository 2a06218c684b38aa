import type { CreateWorkflow } from '../commands.js';
import type { CoreEnvironment } from '../core-api.js';
import { accept, type Decision, refuse } from '../decision.js';
import { isSpread } from '../definition/read-sharding.js';
import { resultOfDraft } from '../result.js';
import { draftVersion, refuseDefinition } from './draft-version.js';
import type { WorkflowState } from './workflow-state.js';

/** Stores the first version, as given. Problems make it a draft; `strict` refuses instead. A deleted id goes on counting its versions. */
export function decideCreate(command: CreateWorkflow, workflow: WorkflowState, env: CoreEnvironment): Decision {
  const { workflowId } = command;
  if (workflow.status === 'active') return refuse('WORKFLOW_EXISTS', `workflow ${workflowId} exists already`);
  const version = workflow.status === 'absent' ? 1 : workflow.lastVersion + 1;
  const draft = draftVersion(command, version, env);
  const refusal = refuseDefinition(command, draft, workflow);
  if (refusal !== undefined) return refusal;
  const sharding = isSpread(command.data.definition) ? { sharding: 'execution' as const } : {};
  const body = { type: 'WorkflowCreated', data: { ...draft, ...sharding } } as const;
  return accept([{ ...body, entity: 'workflow' }], resultOfDraft({ workflowId }, body));
}
