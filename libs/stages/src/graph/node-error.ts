import type { Json, NodeError } from '#core';
import { NodeFailure } from '#nodes';

const maxMessageLength = 2000;
const maxCauses = 5;

/** What a node threw, as data: its code (or class name), its message, its chain of causes. */
export function nodeErrorOf(error: unknown, depth = 0): NodeError {
  if (!(error instanceof Error)) return { code: 'ERROR', message: shorten(String(error)) };
  const cause = error.cause === undefined || depth >= maxCauses ? {} : { cause: nodeErrorOf(error.cause, depth + 1) };
  return { code: codeOf(error), message: shorten(error.message), ...refinementOf(error), ...cause };
}

function refinementOf(error: Error): { retryable?: boolean; details?: Json } {
  if (!(error instanceof NodeFailure)) return {};
  return { ...(error.retryable ? {} : { retryable: false }), ...(error.details === undefined ? {} : { details: error.details }) };
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function shorten(message: string): string {
  return message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength)}…`;
}
