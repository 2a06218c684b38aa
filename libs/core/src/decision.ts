import type { EventDraft } from './events.js';
import type { Json, JsonObject } from './json.js';

/** Why a command is refused; a closed list, mapped to HTTP by the gateway. */
export const refusalCodes = [
  'INVALID_COMMAND',
  'WORKFLOW_NOT_FOUND',
  'WORKFLOW_EXISTS',
  'WORKFLOW_INVALID',
  'WORKFLOW_HAS_RUNNING_EXECUTIONS',
  'VERSION_NOT_FOUND',
  'ID_MISMATCH',
  'EXECUTION_NOT_FOUND',
  'EXECUTION_EXISTS',
  'EXECUTION_FINISHED',
  'COMMAND_CONFLICT',
  'STALE_COMMAND',
  'EXPIRED',
  'QUARANTINED',
  'RESOURCE_EXHAUSTED',
  'PAYLOAD_TOO_LARGE',
  'DECISION_FAILED',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly details?: Json;
}

/**
 * What `decide` answers. `events` may be empty: accepted, nothing changes. `result` is the reply's body; it must be
 * derivable from the first event alone (`resultOf`), so that a repeat of the command gets the same answer after a recovery.
 */
export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly EventDraft[]; readonly result: JsonObject }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Accepted with these facts; none = nothing changes. */
export function accept(events: readonly EventDraft[] = [], result: JsonObject = {}): Decision {
  return { kind: 'accepted', events, result };
}

/** Refused; `message` says what happened and to which id. */
export function refuse(code: RefusalCode, message: string, details?: Json): Decision {
  return { kind: 'refused', refusal: { code, message, ...(details === undefined ? {} : { details }) } };
}
