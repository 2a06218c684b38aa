import { describe, isPlainObject, type ProblemList } from './problems.js';

/**
 * Reads `concurrency {max, onLimit}`: how many executions may run at a time; undefined = any number. Only `onLimit: reject`
 * is available in this version: what would have to queue or to cancel others is a problem rather than ignored.
 */
export function readConcurrency(value: unknown, problems: ProblemList): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isPlainObject(value)) {
    problems.add('concurrency', 'TYPE', `concurrency must be an object, not ${describe(value)}`);
    return undefined;
  }
  const { max, onLimit } = value;
  if (onLimit !== 'reject') {
    const isLater = onLimit === undefined || onLimit === 'queue' || onLimit === 'cancelOldest';
    const message = isLater ? 'only onLimit "reject" is available in this version' : `onLimit must be "reject", not ${describe(onLimit)}`;
    problems.add('concurrency.onLimit', isLater ? 'NOT_AVAILABLE' : 'VALUE', message);
  }
  if (typeof max === 'number' && Number.isInteger(max) && max >= 1) return max;
  problems.add('concurrency.max', 'RANGE', `max must be a whole number of at least 1, not ${describe(max)}`);
  return undefined;
}
