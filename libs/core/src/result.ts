import type { ResultOf } from './core-api.js';
import type { ExecutionEventBody, WorkflowEventBody } from './events.js';
import type { JsonObject } from './json.js';

/** The reply's body for a command, from the first event that it caused: the same before and after a recovery. Empty for facts that no command causes. */
export const resultOf: ResultOf = (event) => resultOfDraft(event, event);

/** The same, before the event has its id. */
export function resultOfDraft(
  { workflowId, executionId }: { readonly workflowId: string; readonly executionId?: string | undefined },
  body: WorkflowEventBody | ExecutionEventBody,
): JsonObject {
  const execution = executionId === undefined ? {} : { executionId };
  switch (body.type) {
    case 'WorkflowCreated':
    case 'WorkflowUpdated': {
      const { version, problemCount, problems = [] } = body.data;
      return { workflowId, version, problemCount, problems: problems.map((problem) => ({ ...problem })) };
    }
    case 'WorkflowDeleted':
      return { workflowId };
    case 'WorkflowStarted':
      return { workflowId, ...execution, version: body.data.version, status: 'started' };
    case 'ExecutionCancelRequested':
      return { workflowId, ...execution, status: 'cancelled' };
    case 'SignalReceived':
      return { workflowId, ...execution, signal: body.data.name };
    default:
      return {};
  }
}
