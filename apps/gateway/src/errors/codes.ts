import type { RefusalCode } from '#core';

/** Codes that the gateway itself answers with, besides the refusal codes of the core. */
export const gatewayCodes = [
  'INVALID_REQUEST',
  'NOT_FOUND',
  'COMMAND_UNKNOWN',
  'METHOD_NOT_ALLOWED',
  'UNSUPPORTED_MEDIA_TYPE',
  'URI_TOO_LONG',
  'HALT_MISMATCH',
  'TIMEOUT',
  'NO_OWNER',
  'OWNER_UNAVAILABLE',
  'KAFKA_UNAVAILABLE',
  'POSTGRES_UNAVAILABLE',
  'SHUTTING_DOWN',
  'INTERNAL',
] as const;
export type GatewayCode = (typeof gatewayCodes)[number];
export type ErrorCode = GatewayCode | RefusalCode;

/** The one table from codes to HTTP (contract §3). */
export const statusOfCode: Readonly<Record<ErrorCode, number>> = {
  INVALID_REQUEST: 400,
  INVALID_COMMAND: 400,
  ID_MISMATCH: 400,
  NOT_FOUND: 404,
  COMMAND_UNKNOWN: 404,
  WORKFLOW_NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  EXECUTION_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TIMEOUT: 408,
  EXPIRED: 408,
  WORKFLOW_EXISTS: 409,
  WORKFLOW_INVALID: 409,
  WORKFLOW_HAS_RUNNING_EXECUTIONS: 409,
  EXECUTION_EXISTS: 409,
  EXECUTION_FINISHED: 409,
  COMMAND_CONFLICT: 409,
  STALE_COMMAND: 409,
  HALT_MISMATCH: 409,
  QUARANTINED: 409,
  PAYLOAD_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RESOURCE_EXHAUSTED: 429,
  DECISION_FAILED: 500,
  INTERNAL: 500,
  NO_OWNER: 503,
  OWNER_UNAVAILABLE: 503,
  KAFKA_UNAVAILABLE: 503,
  POSTGRES_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
};

/** Whether a code from another process is one that the table knows. */
export function isErrorCode(code: string): code is ErrorCode {
  return code in statusOfCode;
}
