import type { CancelTimer, Clock } from '../ports/clock.js';

const maxWaiters = 10_000;

interface Waiter {
  readonly resolve: (how: 'ended' | 'timeout') => void;
  readonly cancel: CancelTimer;
}

/** Callers that wait for an execution to end; bounded in number and time. */
export class ResultWaiters {
  readonly #waiters = new Map<string, Set<Waiter>>();
  #count = 0;

  constructor(readonly clock: Clock) {}

  /** Resolves when the execution has ended, the time is up, or at once with `full` when too many wait. */
  wait(key: string, waitMs: number): Promise<'ended' | 'timeout' | 'full'> {
    if (this.#count >= maxWaiters) return Promise.resolve('full');
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(key) ?? new Set<Waiter>();
      this.#waiters.set(key, waiters);
      const waiter: Waiter = { resolve, cancel: this.clock.after(waitMs, () => this.#remove(key, waiter, 'timeout')) };
      waiters.add(waiter);
      this.#count += 1;
    });
  }

  /** Whether someone waits: then the execution stays in memory. */
  has(key: string): boolean {
    return this.#waiters.has(key);
  }

  ended(key: string): void {
    for (const waiter of this.#waiters.get(key) ?? []) this.#remove(key, waiter, 'ended');
  }

  endAll(): void {
    for (const key of [...this.#waiters.keys()]) this.ended(key);
  }

  #remove(key: string, waiter: Waiter, how: 'ended' | 'timeout'): void {
    const waiters = this.#waiters.get(key);
    if (!waiters?.delete(waiter)) return;
    this.#count -= 1;
    if (waiters.size === 0) this.#waiters.delete(key);
    waiter.cancel();
    waiter.resolve(how);
  }
}
