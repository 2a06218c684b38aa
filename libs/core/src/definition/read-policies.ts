import type { PlanRetry } from '../plan/plan.js';
import type { OnError } from './definition.js';
import type { NodePolicies } from './draft.js';
import { durationSpelling, parseDurationMs } from './duration.js';
import { describe, isPlainObject, type ProblemList } from './problems.js';

type Raw = Readonly<Record<string, unknown>>;

/** No retry; the intervals are those of a policy that names only `maxAttempts` (contract §9). */
export const defaultRetry: PlanRetry = {
  maxAttempts: 1,
  initialIntervalMs: 1_000,
  multiplier: 2,
  maxIntervalMs: 60_000,
  jitter: 0.1,
  nonRetryable: [],
};

/** Reads `retry`, `timeout`, `onError`, `onRecordError` and `compensate` of a node. Null counts as absent. */
export function readPolicies(node: Raw, path: string, problems: ProblemList): NodePolicies {
  const retry = stated(node.retry) ? readRetry(node.retry, `${path}.retry`, problems) : undefined;
  const timeoutMs = stated(node.timeout) ? readTimeout(node.timeout, `${path}.timeout`, problems) : undefined;
  const onError = stated(node.onError) ? readOnError(node.onError, `${path}.onError`, problems) : undefined;
  const onRecordError = stated(node.onRecordError) ? readOnRecordError(node.onRecordError, `${path}.onRecordError`, problems) : undefined;
  const compensate = stated(node.compensate) ? readCompensate(node.compensate, `${path}.compensate`, problems) : undefined;
  return {
    ...(retry === undefined ? {} : { retry }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(onError === undefined ? {} : { onError }),
    ...(onRecordError === undefined ? {} : { onRecordError }),
    ...(compensate === undefined ? {} : { compensate }),
  };
}

function stated(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readRetry(value: unknown, path: string, problems: ProblemList): PlanRetry | undefined {
  if (!isPlainObject(value)) {
    problems.add(path, 'TYPE', `retry must be an object, not ${describe(value)}`);
    return undefined;
  }
  const number = (key: string, fallback: number, range: Range) => readNumber(value[key] ?? fallback, `${path}.${key}`, range, problems);
  const duration = (key: string, fallback: number) =>
    stated(value[key]) ? readDuration(value[key], `${path}.${key}`, problems) : fallback;
  return {
    maxAttempts: number('maxAttempts', defaultRetry.maxAttempts, { min: 1, max: 1_000_000, whole: true }),
    initialIntervalMs: duration('initialInterval', defaultRetry.initialIntervalMs) ?? defaultRetry.initialIntervalMs,
    multiplier: number('multiplier', defaultRetry.multiplier, { min: 1, max: 1_000, whole: false }),
    maxIntervalMs: duration('maxInterval', defaultRetry.maxIntervalMs) ?? defaultRetry.maxIntervalMs,
    jitter: number('jitter', defaultRetry.jitter, { min: 0, max: 1, whole: false }),
    nonRetryable: readCodes(value.nonRetryable, `${path}.nonRetryable`, problems),
  };
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

function readNumber(value: unknown, path: string, range: Range, problems: ProblemList): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && number >= range.min && number <= range.max && (!range.whole || Number.isInteger(number))) return number;
  problems.add(path, 'RANGE', `must be a ${range.whole ? 'whole ' : ''}number from ${range.min} to ${range.max}, not ${describe(value)}`);
  return range.min;
}

function readDuration(value: unknown, path: string, problems: ProblemList): number | undefined {
  const ms = parseDurationMs(value);
  if (ms === undefined) problems.add(path, 'DURATION', `must be ${durationSpelling}, not ${describe(value)}`);
  return ms;
}

function readTimeout(value: unknown, path: string, problems: ProblemList): number | undefined {
  const ms = readDuration(value, path, problems);
  if (ms === 0) problems.add(path, 'RANGE', 'a time-out of nothing leaves no time for the attempt');
  return ms;
}

function readCodes(value: unknown, path: string, problems: ProblemList): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((code): code is string => typeof code === 'string')) return value;
  problems.add(path, 'TYPE', `must be a list of error codes, not ${describe(value)}`);
  return [];
}

function readOnError(value: unknown, path: string, problems: ProblemList): OnError | undefined {
  if (value === 'fail' || value === 'continue') return value;
  if (isPlainObject(value) && typeof value.goto === 'string') return { goto: value.goto };
  problems.add(path, 'VALUE', `onError must be "fail", "continue" or {"goto": nodeId}, not ${describe(value)}`);
  return undefined;
}

function readOnRecordError(value: unknown, path: string, problems: ProblemList): NodePolicies['onRecordError'] {
  if (value === 'fail' || value === 'skip') return value;
  const message =
    value === 'deadLetter' ? 'dead-lettering is not available in this version' : `must be fail or skip, not ${describe(value)}`;
  problems.add(path, value === 'deadLetter' ? 'NOT_AVAILABLE' : 'VALUE', message);
  return undefined;
}

function readCompensate(value: unknown, path: string, problems: ProblemList): string | undefined {
  if (typeof value !== 'string') {
    problems.add(path, 'TYPE', `compensate must be a node's id, not ${describe(value)}`);
    return undefined;
  }
  problems.add(path, 'NOT_AVAILABLE', 'compensation is not available in this version: it would not run when it is needed');
  return value;
}
