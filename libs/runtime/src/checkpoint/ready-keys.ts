/** Entities that are due to be saved, but for those whose last events are to stay behind the checkpoint for now. */
export class ReadyKeys {
  readonly #ready = new Set<string>();
  /** How many hold it back. */
  readonly #heldBack = new Map<string, number>();

  get size(): number {
    return this.#ready.size;
  }

  keys(): Iterable<string> {
    return this.#ready;
  }

  add(key: string): void {
    if (!this.#heldBack.has(key)) this.#ready.add(key);
  }

  delete(key: string): void {
    this.#ready.delete(key);
  }

  isHeldBack(key: string): boolean {
    return this.#heldBack.has(key);
  }

  /** It is not due until as many releases. */
  holdBack(key: string): void {
    this.#heldBack.set(key, (this.#heldBack.get(key) ?? 0) + 1);
    this.#ready.delete(key);
  }

  release(key: string): void {
    const left = (this.#heldBack.get(key) ?? 0) - 1;
    if (left > 0) this.#heldBack.set(key, left);
    else if (this.#heldBack.delete(key)) this.#ready.add(key);
  }

  clear(): void {
    this.#ready.clear();
    this.#heldBack.clear();
  }
}
