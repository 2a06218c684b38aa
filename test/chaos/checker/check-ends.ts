import type { DrawnWorkflow } from '../program/drawn-workflow.js';
import type { ExecutionTrace } from './execution-trace.js';
import type { History } from './history.js';
import { placeText } from './workflow-trace.js';

/** How executions ended, against how their graphs must end. An engine that was lost three times in a row may fail one, by name. */
export function checkEnds(history: History, workflows: ReadonlyMap<string, readonly DrawnWorkflow[]>): string[] {
  return [...history.executions.values()].flatMap((trace) => {
    const drawn = workflows.get(trace.workflowId)?.[trace.version - 1];
    if (!drawn || !trace.end) return [];
    const expected = drawn.ends === 'fails' ? 'WorkflowFailed' : 'WorkflowCompleted';
    const { type, reason, where } = trace.end;
    if (type === expected || type === 'WorkflowCancelled' || isLostOften(trace)) return [];
    return [
      `${trace.workflowId}/${trace.executionId} ended as ${type} (${reason}) at ${placeText(where)}, its graph (${drawn.definition.description}) ends as ${expected}`,
    ];
  });
}

function isLostOften(trace: ExecutionTrace): boolean {
  return trace.end?.type === 'WorkflowFailed' && trace.end.reason.includes('ATTEMPT_LOST') && trace.lost >= 3;
}
