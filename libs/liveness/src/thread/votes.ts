/** Who else misses whose answers. Each message carries its sender's whole list, so the latest one stands until it is stale. */
export class Votes {
  readonly #byInstance = new Map<string, { readonly at: number; readonly silent: ReadonlySet<string> }>();

  constructor(private readonly freshMs: number) {}

  /** Returns whether there is news in it. */
  cast(instance: string, silent: readonly string[], now: number): boolean {
    const before = this.#byInstance.get(instance)?.silent;
    if (silent.length === 0) return this.#byInstance.delete(instance);
    this.#byInstance.set(instance, { at: now, silent: new Set(silent) });
    return silent.some((memberId) => !before?.has(memberId));
  }

  /** Instances other than the member's own that miss it. */
  against(memberId: string, ownInstance: string, now: number): string[] {
    const voters: string[] = [];
    for (const [instance, { at, silent }] of this.#byInstance) {
      if (now - at > this.freshMs) this.#byInstance.delete(instance);
      else if (instance !== ownInstance && silent.has(memberId)) voters.push(instance);
    }
    return voters;
  }
}
