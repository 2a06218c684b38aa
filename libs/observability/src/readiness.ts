/** What a process still waits for, by name: empty = ready. Liveness is not readiness: a process that waits is alive. */
export class Readiness {
  readonly #waiting = new Map<string, string>();

  /** `reason` absent: that part is ready. */
  set(part: string, reason?: string): void {
    if (reason === undefined) this.#waiting.delete(part);
    else this.#waiting.set(part, reason);
  }

  get ready(): boolean {
    return this.#waiting.size === 0;
  }

  /** Parts that are not ready, with what they wait for. */
  waiting(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#waiting);
  }
}
