import type { Json } from '#core';

/** A value that JSON cannot hold, and where in the result it stands. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
  readonly code = 'RESULT_NOT_JSON';
  readonly retryable = false;
}

const maxDepth = 500;

/**
 * A copy of a task's result as JSON; undefined fields are left out, as JSON does. Throws NotJson for what JSON cannot hold:
 * NaN, bigint, functions, dates, maps, class instances, cycles. A copy, because the user's code may go on changing its object.
 */
export function toJson(value: unknown, path = 'result', depth = 0): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : refuse(path, String(value));
    case 'object':
      if (value === null) return null;
      if (depth >= maxDepth) return refuse(path, `nested more than ${maxDepth} levels deep, or a cycle`);
      if (Array.isArray(value))
        return value.map((item, index) => (item === undefined ? null : toJson(item, `${path}[${index}]`, depth + 1)));
      return objectToJson(value, path, depth);
    default:
      return refuse(path, `a ${typeof value}`);
  }
}

function objectToJson(value: object, path: string, depth: number): Json {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A thread's message or another realm has its own Object.prototype: a plain object is one whose prototype has none itself.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return refuse(path, `a ${value.constructor.name}`);
  const copy: Record<string, Json> = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const json = toJson(field, `${path}.${key}`, depth + 1);
    if (key === '__proto__') Object.defineProperty(copy, key, { value: json, enumerable: true, writable: true, configurable: true });
    else copy[key] = json;
  }
  return copy;
}

function refuse(path: string, what: string): never {
  throw new NotJson(`${path} is ${what}, which is not JSON; return text, numbers, booleans, null, lists and plain objects`);
}
