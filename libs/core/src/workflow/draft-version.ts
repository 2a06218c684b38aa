import type { CreateWorkflow, UpdateWorkflow } from '../commands.js';
import type { CoreEnvironment } from '../core-api.js';
import { type Decision, refuse } from '../decision.js';
import { compileDefinition } from '../definition/compile-definition.js';
import type { Problem } from '../definition/definition.js';
import { isSpread } from '../definition/read-sharding.js';
import { maxKeptProblems } from '../events.js';
import type { JsonObject } from '../json.js';
import { maxOutbox, type WorkflowState } from './workflow-state.js';

export interface DraftVersion {
  readonly definition: JsonObject;
  readonly version: number;
  readonly problemCount: number;
  readonly problems?: readonly Problem[];
}

/** Executions stay where they are: an id keeps its strategy, also beyond a deletion, since those of its earlier life must be found. */
function refuseStrategy(command: CreateWorkflow | UpdateWorkflow, workflow: WorkflowState): Decision | undefined {
  if (workflow.status === 'absent' || isSpread(command.data.definition) === (workflow.sharding !== undefined)) return undefined;
  const message = `workflow ${command.workflowId} was created with sharding strategy "${workflow.sharding ?? 'workflow'}" and keeps it: use another id`;
  return refuse('WORKFLOW_INVALID', message, { problems: [{ path: 'sharding.strategy', code: 'FIXED', message }] });
}

/** Why a change must wait until earlier ones are sent to the shards; undefined: it need not. */
export function refuseFullOutbox(workflowId: string, workflow: WorkflowState): Decision | undefined {
  if (workflow.status === 'absent' || (workflow.outbox?.length ?? 0) < maxOutbox) return undefined;
  return refuse(
    'RESOURCE_EXHAUSTED',
    `${maxOutbox} changes of workflow ${workflowId} wait to be sent to its shards: try again in a moment`,
  );
}

/** A new version as its event carries it: the definition as given, and what is wrong with it. */
export function draftVersion(command: CreateWorkflow | UpdateWorkflow, version: number, env: CoreEnvironment): DraftVersion {
  const { definition } = command.data;
  const { problems } = compileDefinition(definition, env, { workflowId: command.workflowId, version });
  const kept = problems.length === 0 ? {} : { problems: problems.slice(0, maxKeptProblems) };
  return { definition, version, problemCount: problems.length, ...kept };
}

/** Why the definition is not accepted at all; undefined: it is. */
export function refuseDefinition(
  command: CreateWorkflow | UpdateWorkflow,
  draft: DraftVersion,
  workflow: WorkflowState,
): Decision | undefined {
  const { workflowId } = command;
  const refusal = refuseStrategy(command, workflow) ?? refuseFullOutbox(workflowId, workflow);
  if (refusal !== undefined) return refusal;
  const { id } = command.data.definition;
  if (id !== undefined && id !== null && id !== workflowId) {
    return refuse('ID_MISMATCH', `the definition's id ${JSON.stringify(id).slice(0, 200)} is not ${workflowId}`);
  }
  if (command.data.strict !== true || draft.problemCount === 0) return undefined;
  const problems = (draft.problems ?? []).map((problem) => ({ ...problem }));
  return refuse('WORKFLOW_INVALID', `the definition of workflow ${workflowId} has ${draft.problemCount} problem(s)`, { problems });
}
