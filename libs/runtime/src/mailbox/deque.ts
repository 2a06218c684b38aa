/** A queue with cheap ends: amortised O(1) push, shift and unshift. */
export class Deque<T> {
  #front: T[] = [];
  #back: T[] = [];
  #head = 0;

  get size(): number {
    return this.#front.length + this.#back.length - this.#head;
  }

  get first(): T | undefined {
    return this.#front.length > 0 ? this.#front.at(-1) : this.#back[this.#head];
  }

  push(value: T): void {
    this.#back.push(value);
  }

  /** `front` holds values in reverse: its last one is first. */
  unshift(value: T): void {
    this.#front.push(value);
  }

  shift(): T | undefined {
    if (this.#front.length > 0) return this.#front.pop();
    if (this.#head === this.#back.length) return undefined;
    const value = this.#back[this.#head];
    this.#head += 1;
    if (this.#head > 512 && this.#head * 2 > this.#back.length) {
      this.#back = this.#back.slice(this.#head);
      this.#head = 0;
    } else if (this.#head === this.#back.length) {
      this.#back = [];
      this.#head = 0;
    }
    return value;
  }

  clear(): void {
    this.#front = [];
    this.#back = [];
    this.#head = 0;
  }
}
