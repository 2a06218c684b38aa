/**
 * Random numbers that depend only on a seed and a position, so that a resumed source goes on with the very numbers it would
 * have made. The mixing is the finaliser of MurmurHash3 (Austin Appleby, public domain), applied to both words.
 */
export interface SeededRandom {
  /** In [0, 1), the same for the same index and lane; 32 bits of it are random. */
  fraction(index: number, lane?: number): number;
}

/** `seed` may be any number or text. */
export function seededRandom(seed: number | string): SeededRandom {
  const start = hashText(String(seed));
  return {
    fraction(index, lane = 0) {
      const low = mix((index >>> 0) ^ start);
      const high = mix(Math.floor(index / 2 ** 32) ^ Math.imul(lane + 1, 0x9e3779b9));
      return mix(low ^ Math.imul(high, 0x85ebca6b)) / 2 ** 32;
    },
  };
}

/** An integer between `min` and `max`, both included. */
export function integerBetween(fraction: number, min: number, max: number): number {
  return min + Math.floor(fraction * (max - min + 1));
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = mix(hash ^ text.charCodeAt(index));
  return hash;
}

function mix(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
