/**
 * One-dimensional Postgres arrays in the binary wire format (`array_send`), to be passed as a Buffer parameter: node-postgres
 * then sends it as it is. Text arrays would be quoted and escaped character by character, which costs six times the whole
 * statement for JSON values (10,000 snapshots: 567 ms of JavaScript against 45 ms).
 */
const oids = { bool: 16, int8: 20, text: 25 } as const;
const headerBytes = 20;

/**
 * For a parameter cast as `::text[]`; null elements are SQL NULL. NUL characters, which Postgres cannot store, become U+FFFD.
 * An element may also be UTF-8 bytes, which are copied as they are and must hold no NUL.
 */
export function textArray(elements: readonly (string | Uint8Array | null | undefined)[]): Buffer {
  if (elements.length === 0) return emptyArray(oids.text);
  const values = elements.map((value) => (typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value));
  const sizes = values.map((value) => (value === null || value === undefined ? -1 : Buffer.byteLength(value)));
  const total = sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), headerBytes);
  const out = header(oids.text, values.length, total);
  let at = headerBytes;
  for (let i = 0; i < values.length; i += 1) {
    at = out.writeInt32BE(sizes[i] ?? -1, at);
    at += put(out, values[i], at);
  }
  return out;
}

function put(out: Buffer, value: string | Uint8Array | null | undefined, at: number): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'string') return out.write(value, at);
  out.set(value, at);
  return value.length;
}

/** For a parameter cast as `::bigint[]`; safe integers only. */
export function bigintArray(values: readonly (number | null | undefined)[]): Buffer {
  if (values.length === 0) return emptyArray(oids.int8);
  const out = header(oids.int8, values.length, headerBytes + values.length * 12);
  let at = headerBytes;
  for (const value of values) {
    if (value === null || value === undefined) {
      at = out.writeInt32BE(-1, at);
      continue;
    }
    at = out.writeInt32BE(8, at);
    at = out.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
    at = out.writeUInt32BE(value >>> 0, at);
  }
  return out.subarray(0, at);
}

/** For a parameter cast as `::boolean[]`. */
export function booleanArray(values: readonly boolean[]): Buffer {
  if (values.length === 0) return emptyArray(oids.bool);
  const out = header(oids.bool, values.length, headerBytes + values.length * 5);
  let at = headerBytes;
  for (const value of values) {
    at = out.writeInt32BE(1, at);
    at = out.writeUInt8(value ? 1 : 0, at);
  }
  return out;
}

function header(oid: number, length: number, size: number): Buffer {
  const out = Buffer.allocUnsafe(size);
  out.writeInt32BE(1, 0); // dimensions
  out.writeInt32BE(1, 4); // may hold nulls
  out.writeInt32BE(oid, 8);
  out.writeInt32BE(length, 12);
  out.writeInt32BE(1, 16); // lower bound
  return out;
}

function emptyArray(oid: number): Buffer {
  const out = Buffer.alloc(12);
  out.writeInt32BE(oid, 8);
  return out;
}
