import type { Clock, RandomIds } from '../ports/clock.js';
import { TransientError } from '../ports/errors.js';

/** The partition is being given up: whoever waits stops waiting. Never leaves the runtime. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Resolves after `delayMs`, or at once when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}

/** Waits for a promise, at most so long; whether it was settled in time. Rejects when it does. */
export async function settledWithin(clock: Clock, promise: Promise<unknown>, withinMs: number): Promise<boolean> {
  const bound = new AbortController();
  const inTime = await Promise.race([promise.then(() => true), pause(clock, withinMs, bound.signal).then(() => false)]);
  bound.abort();
  return inTime;
}

/** Exponential delays with jitter: 50–100 % of `firstMs · 2ⁿ`, at most `maxMs`. */
export class Backoff {
  #step = 0;

  constructor(
    readonly random: RandomIds,
    readonly firstMs: number,
    readonly maxMs: number,
  ) {}

  nextMs(): number {
    const ceiling = Math.min(this.maxMs, this.firstMs * 2 ** this.#step);
    this.#step = Math.min(this.#step + 1, 20);
    return Math.ceil(ceiling * (0.5 + this.random.fraction() / 2));
  }

  reset(): void {
    this.#step = 0;
  }
}

/** What `persist` needs of its surroundings. */
export interface Persistence {
  readonly clock: Clock;
  readonly random: RandomIds;
  readonly signal: AbortSignal;
  /** Called before each further try with why, and with undefined once it worked. */
  waiting(reason: string | undefined): void;
}

/** Tries until it works: TransientError is waited out with back-off; anything else is thrown. Throws StoppedError when stopped. */
export async function persist<T>(around: Persistence, what: string, action: () => Promise<T>): Promise<T> {
  const backoff = new Backoff(around.random, 50, 2_000);
  for (let failures = 0; ; failures += 1) {
    if (around.signal.aborted) throw new StoppedError(what);
    try {
      const result = await action();
      if (failures > 0) around.waiting(undefined);
      if (around.signal.aborted) throw new StoppedError(what);
      return result;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      around.waiting(`${what}: ${error.message}`);
      await pause(around.clock, backoff.nextMs(), around.signal);
    }
  }
}
