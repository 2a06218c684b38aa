import type { Json, JsonObject } from '#core';

/** Iterations, copied list elements and compared values one evaluation may spend: an expression also runs on an engine's main loop, so it must end. */
export const maxSteps = 1_000_000;

/** Characters of a text that an expression may build. */
export const maxTextLength = 4 * 1024 * 1024;

/** Why an evaluation has no value. Thrown inside this lib only; no stack, because a bad record is an everyday thing. */
export class EvaluationFailure {
  constructor(readonly message: string) {}
}

/** What one evaluation works on. One frame per compiled expression, reused: evaluation is synchronous and never re-enters. */
export interface Frame {
  scope: JsonObject;
  /** The current record, where the expression was compiled for records. */
  record: Json | undefined;
  /** Variables of macros such as `items.map(x, …)`, by slot. */
  readonly locals: Json[];
  stepsLeft: number;
}

/** A compiled sub-expression. */
export type Evaluate = (frame: Frame) => Json;

export function fail(message: string): never {
  throw new EvaluationFailure(message);
}

/** Spends `count` steps of the evaluation's budget. */
export function spend(frame: Frame, count: number): void {
  frame.stepsLeft -= count;
  if (frame.stepsLeft < 0) fail(`the expression was stopped after ${maxSteps} steps`);
}

/** The name of a JSON type, for messages. */
export function typeName(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value === 'boolean' ? 'bool' : typeof value;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field of a JSON object: what `Object.prototype` brings along (`constructor`, `toString`) is no field. */
export function ownField(object: JsonObject, name: string): Json | undefined {
  const value = object[name];
  return value === undefined || !Object.hasOwn(object, name) ? undefined : value;
}
