/** Remembers the commands that this gateway sent lately, so that `/commands/{id}` can say "pending" of one that nobody has decided. */
export class SentCommands {
  readonly #workflowOf = new Map<string, string>();

  constructor(private readonly limit = 20_000) {}

  add(commandId: string, workflowId: string): void {
    this.#workflowOf.delete(commandId);
    this.#workflowOf.set(commandId, workflowId);
    if (this.#workflowOf.size <= this.limit) return;
    const oldest = this.#workflowOf.keys().next();
    if (!oldest.done) this.#workflowOf.delete(oldest.value);
  }

  workflowOf(commandId: string): string | undefined {
    return this.#workflowOf.get(commandId);
  }
}
