import type { NodeError } from '../commands.js';
import type { EpochMs } from '../json.js';
import type { PlanRetry } from '../plan/plan.js';

/** One failed attempt, as far as the decision to retry depends on it. */
export interface FailedAttempt {
  /** Failed attempts so far, this one included; lost ones do not count. */
  readonly failedCount: number;
  readonly error: NodeError;
  readonly at: EpochMs;
  /** Names the attempt: the same name has the same jitter. */
  readonly seed: string;
}

/**
 * When the next attempt may begin; undefined = no further one. Exponential back-off, capped, then moved by up to ± `jitter`
 * of itself. The jitter is a hash of the attempt's name, so that a decision made again is the same.
 */
export function nextRetryAt(policy: PlanRetry, attempt: FailedAttempt): EpochMs | undefined {
  if (attempt.error.retryable === false || policy.nonRetryable.includes(attempt.error.code)) return undefined;
  if (attempt.failedCount >= policy.maxAttempts) return undefined;
  const grown = policy.initialIntervalMs * policy.multiplier ** (attempt.failedCount - 1);
  const capped = Math.min(grown, policy.maxIntervalMs);
  return attempt.at + Math.round(capped * (1 + policy.jitter * (2 * fractionOf(attempt.seed) - 1)));
}

/** FNV-1a over the text's UTF-16 units, as a fraction in [0, 1). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
