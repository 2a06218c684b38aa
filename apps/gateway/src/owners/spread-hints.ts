const maxKnown = 10_000;

/**
 * Workflows whose executions are spread over partitions, as far as owners have said so: only a hint where to go first. Whoever is not known
 * here is asked for at home, and so is everything where a hint was wrong. Bounded; the one that was of use longest ago goes first.
 */
export class SpreadHints {
  readonly #known = new Set<string>();

  has(workflowId: string): boolean {
    if (!this.#known.delete(workflowId)) return false;
    this.#known.add(workflowId);
    return true;
  }

  learn(workflowId: string): void {
    this.#known.delete(workflowId);
    this.#known.add(workflowId);
    if (this.#known.size <= maxKnown) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  forget(workflowId: string): void {
    this.#known.delete(workflowId);
  }
}
