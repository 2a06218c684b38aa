import type { Json, JsonObject } from '#core';
import { ApiError } from '../errors/api-error.js';
import { isErrorCode } from '../errors/codes.js';
import type { CommandOutcome } from './command-gateway.js';

/** The result of an applied command; throws the ApiError of every other outcome. `strict`: WORKFLOW_INVALID is the caller's 400. */
export function resultOrThrow(outcome: CommandOutcome, workflowId: string, strict = false): JsonObject {
  const { commandId } = outcome;
  switch (outcome.status) {
    case 'applied':
      return outcome.result;
    case 'refused': {
      const code = isErrorCode(outcome.code) ? outcome.code : 'INVALID_COMMAND';
      const status = strict && code === 'WORKFLOW_INVALID' ? 400 : undefined;
      throw new ApiError(code, outcome.message, { workflowId, commandId, details: listed(outcome.details), status });
    }
    case 'notSent':
      throw new ApiError(outcome.code, outcome.message, { workflowId });
    default:
      throw new ApiError(outcome.code, outcome.message, { workflowId, commandId, outcome: 'unknown' });
  }
}

/** Problems are listed bare, here as in a 400 of the gateway's own. */
function listed(details: Json | undefined): Json | undefined {
  const problems = typeof details === 'object' && details !== null && 'problems' in details ? details.problems : undefined;
  return Array.isArray(problems) ? problems : details;
}
