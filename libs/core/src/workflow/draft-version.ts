import type { CreateWorkflow, UpdateWorkflow } from '../commands.js';
import type { CoreEnvironment } from '../core-api.js';
import { type Decision, refuse } from '../decision.js';
import { compileDefinition } from '../definition/compile-definition.js';
import type { Problem } from '../definition/definition.js';
import { maxKeptProblems } from '../events.js';
import type { JsonObject } from '../json.js';

export interface DraftVersion {
  readonly definition: JsonObject;
  readonly version: number;
  readonly problemCount: number;
  readonly problems?: readonly Problem[];
}

/** A new version as its event carries it: the definition as given, and what is wrong with it. */
export function draftVersion(command: CreateWorkflow | UpdateWorkflow, version: number, env: CoreEnvironment): DraftVersion {
  const { definition } = command.data;
  const { problems } = compileDefinition(definition, env, { workflowId: command.workflowId, version });
  const kept = problems.length === 0 ? {} : { problems: problems.slice(0, maxKeptProblems) };
  return { definition, version, problemCount: problems.length, ...kept };
}

/** Why the definition is not accepted at all; undefined: it is. */
export function refuseDefinition(command: CreateWorkflow | UpdateWorkflow, draft: DraftVersion): Decision | undefined {
  const { workflowId } = command;
  const { id } = command.data.definition;
  if (id !== undefined && id !== null && id !== workflowId) {
    return refuse('ID_MISMATCH', `the definition's id ${JSON.stringify(id).slice(0, 200)} is not ${workflowId}`);
  }
  if (command.data.strict !== true || draft.problemCount === 0) return undefined;
  const problems = (draft.problems ?? []).map((problem) => ({ ...problem }));
  return refuse('WORKFLOW_INVALID', `the definition of workflow ${workflowId} has ${draft.problemCount} problem(s)`, { problems });
}
