/**
 * Lets many readers go on together, `everyMs` after the first of them asked. Records trickle in one by one under load; read
 * one by one they would cost a request to the broker each.
 */
export class PacedRelease {
  #next: Promise<void> | undefined;

  constructor(private readonly everyMs: number) {}

  /** Resolves with the next release, at most `everyMs` from now. */
  wait(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#next = undefined;
        resolve();
      }, this.everyMs);
    });
    return this.#next;
  }
}
