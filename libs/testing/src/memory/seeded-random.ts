import type { RandomIds } from '#runtime';

/** Reproducible random numbers (mulberry32, Tommy Ettinger, public domain): one seed, one sequence, on every machine. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from `low` to `high`, both ends in. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items; throws a RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** An independent sequence, so that one consumer's draws do not shift another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.between(0, 0x7fffffff));
  }
}

/** Ids and jitter from a seed. */
export class SeededIds implements RandomIds {
  readonly #random: SeededRandom;
  readonly #prefix: string;

  constructor(seed: number | SeededRandom, prefix = '') {
    this.#random = typeof seed === 'number' ? new SeededRandom(seed) : seed;
    this.#prefix = prefix;
  }

  next(): string {
    return this.#prefix + this.#random.between(0, 0x7fffffff).toString(36);
  }

  fraction(): number {
    return this.#random.next();
  }
}
