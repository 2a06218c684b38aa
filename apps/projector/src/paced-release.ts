/** How long readers wait for each other, ms, and from which rate on the longer wait pays. */
export interface Pace {
  readonly quietMs: number;
  readonly busyMs: number;
  /** Records per second from which on `busyMs` is taken. */
  readonly busyRate: number;
}

/**
 * Lets many readers go on together, a while after the first of them asked. Records trickle in one by one under load; read one by
 * one they would cost a request to the broker each, and an execution's row would be written once for each of its steps.
 */
export class PacedRelease {
  #next: Promise<void> | undefined;
  #seen = 0;
  #since = performance.now();

  constructor(private readonly pace: Pace) {}

  /** Resolves with the next release, at most `busyMs` from now. `records`: how many were read just now. */
  wait(records: number): Promise<void> {
    this.#seen += records;
    this.#next ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#next = undefined;
        resolve();
      }, this.#waitMs());
    });
    return this.#next;
  }

  #waitMs(): number {
    const now = performance.now();
    const rate = (this.#seen * 1_000) / Math.max(1, now - this.#since);
    this.#seen = 0;
    this.#since = now;
    return rate < this.pace.busyRate ? this.pace.quietMs : this.pace.busyMs;
  }
}
