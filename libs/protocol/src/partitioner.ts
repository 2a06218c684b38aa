const seed = 0x9747b28c;
const m = 0x5bd1e995;
const r = 24;

/** Kafka's 32-bit murmur2 over bytes, equal to `org.apache.kafka.common.utils.Utils.murmur2`. Returns a signed 32-bit integer. */
export function murmur2(data: Uint8Array): number {
  const length = data.length;
  let h = seed ^ length;
  const blocks = length >> 2;
  for (let i = 0; i < blocks; i += 1) {
    const at = i << 2;
    let k = byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> r;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  return finish(mixTail(data, length, h));
}

function mixTail(data: Uint8Array, length: number, hash: number): number {
  let h = hash;
  const tail = length & ~3;
  const rest = length & 3;
  if (rest === 3) h ^= byte(data, tail + 2) << 16;
  if (rest >= 2) h ^= byte(data, tail + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ byte(data, tail), m);
  return h;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 13);
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}

function byte(data: Uint8Array, index: number): number {
  return data[index] ?? 0;
}

const encoder = new TextEncoder();

/** The partition of a key, as Java's default partitioner computes it: `toPositive(murmur2(utf8(key))) mod partitions`. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions;
}
