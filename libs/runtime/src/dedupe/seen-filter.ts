import type { EpochMs } from '#core';

const bits = 1 << 20;
const probes = 4;
const capacity = 65_536;

/**
 * Which command ids were decided lately: two generations of a Bloom filter (4 probes over 2²⁰ bits: about 0.3 % false
 * alarms when full). It never forgets an id decided since `since`; when a generation is full the older one goes and
 * `since` moves up.
 */
export class SeenFilter {
  #current = new Generation();
  #previous: Generation | undefined;
  #currentSince: EpochMs;
  #since: EpochMs;

  /** `since`: every decision from then on will be added. */
  constructor(since: EpochMs) {
    this.#since = since;
    this.#currentSince = since;
  }

  /** Ids first decided at or after this time are in the filter, without exception. */
  get since(): EpochMs {
    return this.#since;
  }

  add(id: string, now: EpochMs): void {
    if (this.#current.count >= capacity) {
      this.#previous = this.#current;
      this.#since = this.#currentSince;
      this.#current = new Generation();
      this.#currentSince = now;
    }
    this.#current.add(id);
  }

  mayContain(id: string): boolean {
    return this.#current.has(id) || (this.#previous?.has(id) ?? false);
  }
}

class Generation {
  count = 0;
  #words: Uint32Array | undefined;

  add(id: string): void {
    this.#words ??= new Uint32Array(bits / 32);
    const words = this.#words;
    let [at, step] = hashes(id);
    for (let i = 0; i < probes; i += 1, at = (at + step) >>> 0) {
      const bit = at % bits;
      words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
    this.count += 1;
  }

  has(id: string): boolean {
    const words = this.#words;
    if (words === undefined) return false;
    let [at, step] = hashes(id);
    for (let i = 0; i < probes; i += 1, at = (at + step) >>> 0) {
      const bit = at % bits;
      if (((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** Two 32-bit FNV-1a hashes with different starts, for double hashing. */
function hashes(id: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (let i = 0; i < id.length; i += 1) {
    const code = id.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + 0x9e), 0x01000193);
  }
  return [a >>> 0, (b | 1) >>> 0];
}
