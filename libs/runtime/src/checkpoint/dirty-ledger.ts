/**
 * Which entities hold events that no confirmed snapshot covers, and since which offset. Offsets only grow, so the map's
 * insertion order is offset order and the lowest is the first.
 */
export class DirtyLedger {
  #dirty = new Map<string, number>();
  /** Captured by the save in flight, or by one that failed: the next save captures them again. */
  #captured = new Map<string, number>();

  /** An event of the entity lies at `offset`. */
  touch(key: string, offset: number): void {
    if (!this.#dirty.has(key)) this.#dirty.set(key, offset);
  }

  isDirty(key: string): boolean {
    return this.#dirty.has(key) || this.#captured.has(key);
  }

  get size(): number {
    return this.#dirty.size + this.#captured.size;
  }

  /** Entities dirty since before `offset`, oldest first. */
  *olderThan(offset: number): IterableIterator<string> {
    for (const [key, since] of this.#dirty) {
      if (since >= offset) return;
      yield key;
    }
  }

  keys(): IterableIterator<string> {
    return this.#dirty.keys();
  }

  /** What a failed save left behind: must be part of the next, or given back before it. */
  get leftOver(): readonly string[] {
    return [...this.#captured.keys()];
  }

  /** A save takes these entities as they are now. Events from now on make them dirty anew. */
  capture(keys: Iterable<string>): void {
    for (const key of keys) {
      const since = this.#dirty.get(key);
      if (since === undefined) continue;
      this.#dirty.delete(key);
      if (!this.#captured.has(key)) this.#captured.set(key, since);
    }
  }

  /** A failed save took them, and the next must not: dirty since then, as if none had. */
  giveBack(keys: readonly string[]): void {
    if (keys.length === 0) return;
    const dirty = new Map(this.#dirty);
    for (const key of keys) {
      const since = this.#captured.get(key);
      if (since === undefined) continue;
      this.#captured.delete(key);
      dirty.set(key, since);
    }
    this.#dirty = new Map([...dirty].sort(([, a], [, b]) => a - b));
  }

  /** The save is confirmed. */
  saved(): void {
    this.#captured = new Map();
  }

  /** The oldest offset that is not covered once all captured entities are saved; undefined when nothing else is dirty. */
  get lowestUncaptured(): number | undefined {
    for (const since of this.#dirty.values()) return since;
    return undefined;
  }

  /** The oldest offset that is not covered now. */
  get lowest(): number | undefined {
    let lowest = this.lowestUncaptured;
    for (const since of this.#captured.values()) if (lowest === undefined || since < lowest) lowest = since;
    return lowest;
  }

  clear(): void {
    this.#dirty = new Map();
    this.#captured = new Map();
  }
}
