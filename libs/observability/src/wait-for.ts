import { setTimeout as delay } from 'node:timers/promises';
import { FatalError } from '#runtime';
import type { Logger } from './logger.js';
import type { Readiness } from './readiness.js';

const firstDelayMs = 200;
const longestDelayMs = 3_000;

/** Something outside that has to be there before the process can work. */
export interface Dependency<T> {
  readonly name: string;
  /** Rejects while it is not there; with FatalError where waiting will not help. */
  readonly attempt: () => Promise<T>;
}

export interface Waiting {
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** Ends the waiting: the process stops. */
  readonly signal: AbortSignal;
}

/** Tries until the dependency is there, and says what it waits for. Rejects with FatalError, or when the signal ends it. */
export async function waitFor<T>({ name, attempt }: Dependency<T>, { readiness, logger, signal }: Waiting): Promise<T> {
  let delayMs = firstDelayMs;
  let said = '';
  readiness.set(name, `waiting for ${name}`);
  for (;;) {
    signal.throwIfAborted();
    try {
      const value = await attempt();
      readiness.set(name);
      return value;
    } catch (error) {
      if (error instanceof FatalError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      readiness.set(name, reason);
      if (reason !== said) logger.warn({ reason }, `waiting for ${name}`);
      said = reason;
    }
    await delay(delayMs, undefined, { signal });
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}
