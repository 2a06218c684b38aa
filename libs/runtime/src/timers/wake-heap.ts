import type { EpochMs } from '#core';

interface Entry {
  readonly at: EpochMs;
  readonly key: string;
}

/** Earliest-first queue with one live time per key: arming again replaces, old entries are dropped when they come up. */
export class WakeHeap {
  readonly #heap: Entry[] = [];
  readonly #armed = new Map<string, EpochMs>();

  /** Wakes `key` at `at`; undefined disarms it. */
  arm(key: string, at: EpochMs | undefined): void {
    if (at === undefined) {
      this.#armed.delete(key);
      return;
    }
    if (this.#armed.get(key) === at) return;
    this.#armed.set(key, at);
    this.#push({ at, key });
  }

  /** The earliest time; undefined when nothing is armed. */
  get earliest(): EpochMs | undefined {
    this.#dropStale();
    return this.#heap[0]?.at;
  }

  /** Takes all keys due at `now`, at most `limit`; they are disarmed. */
  takeDue(now: EpochMs, limit: number): readonly string[] {
    const due: string[] = [];
    while (due.length < limit) {
      this.#dropStale();
      const first = this.#heap[0];
      if (first === undefined || first.at > now) break;
      this.#pop();
      this.#armed.delete(first.key);
      due.push(first.key);
    }
    return due;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#armed.clear();
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#armed.get(first.key) !== first.at; first = this.#heap[0]) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let smallest = heap[child];
      const right = heap[child + 1];
      if (right !== undefined && smallest !== undefined && right.at < smallest.at) {
        child += 1;
        smallest = right;
      }
      if (smallest === undefined || smallest.at >= last.at) break;
      heap[index] = smallest;
      index = child;
    }
    heap[index] = last;
  }
}
