import type { Json, NodeError } from '#core';
import { toJson } from './task-json.js';

const maxMessageLength = 2_000;
const maxCauses = 5;

/**
 * What a user's node threw, as data: `code` is its `code` or class name, `retryable: false` and JSON `details` are taken
 * over, causes follow. Anything may be thrown: a text becomes the message.
 */
export function thrownError(thrown: unknown, depth = 0): NodeError {
  if (typeof thrown !== 'object' || thrown === null) return { code: 'ERROR', message: shortened(String(thrown)) };
  const read = (key: string): unknown => readField(thrown, key);
  const message = read('message');
  const cause = read('cause');
  const details = jsonOrNothing(read('details'));
  return {
    code: codeOf(read('code'), read('name')),
    message: shortened(typeof message === 'string' ? message : describe(thrown)),
    ...(read('retryable') === false ? { retryable: false } : {}),
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined || cause === null || depth >= maxCauses ? {} : { cause: thrownError(cause, depth + 1) }),
  };
}

/** A getter of a thrown object may throw in its turn. */
function readField(thrown: object, key: string): unknown {
  try {
    return Reflect.get(thrown, key);
  } catch (error) {
    return `(reading ${key} failed: ${error instanceof Error ? error.name : 'error'})`;
  }
}

function codeOf(code: unknown, name: unknown): string {
  for (const candidate of [code, name]) if (typeof candidate === 'string' && candidate !== '') return candidate.slice(0, 128);
  return typeof code === 'number' ? String(code) : 'ERROR';
}

function describe(thrown: object): string {
  const json = jsonOrNothing(thrown);
  return json === undefined ? 'something that is no Error was thrown' : JSON.stringify(json);
}

function jsonOrNothing(value: unknown): Json | undefined {
  try {
    return value === undefined ? undefined : toJson(value);
  } catch {
    return undefined; // what is not JSON cannot be stored; the message stands without it
  }
}

function shortened(message: string): string {
  return message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength)}…`;
}
