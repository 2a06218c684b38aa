/** Castagnoli polynomial, reflected. */
const polynomial = 0x82f63b78;
const tables = buildTables();

function buildTables(): readonly Int32Array[] {
  const all = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let n = 0; n < 256; n += 1) {
    let crc = n;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table(all, 0)[n] = crc;
  }
  for (let k = 1; k < 8; k += 1) {
    for (let n = 0; n < 256; n += 1) {
      const before = at(table(all, k - 1), n);
      table(all, k)[n] = (before >>> 8) ^ at(table(all, 0), before & 0xff);
    }
  }
  return all;
}

function table(all: readonly Int32Array[], index: number): Int32Array {
  return all[index] ?? new Int32Array(256);
}

function at(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => table(tables, index)) as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** CRC-32C of bytes `[from, to)`, as record batches carry it (RFC 3720, B.4); unsigned. Slicing-by-8 (Kounavis and Berry, 2005). */
export function crc32c(bytes: Buffer, from = 0, to = bytes.length): number {
  let crc = -1;
  let i = from;
  for (; i + 8 <= to; i += 8) {
    const low = bytes.readInt32LE(i) ^ crc;
    const high = bytes.readInt32LE(i + 4);
    crc =
      at(t7, low & 0xff) ^
      at(t6, (low >>> 8) & 0xff) ^
      at(t5, (low >>> 16) & 0xff) ^
      at(t4, low >>> 24) ^
      at(t3, high & 0xff) ^
      at(t2, (high >>> 8) & 0xff) ^
      at(t1, (high >>> 16) & 0xff) ^
      at(t0, high >>> 24);
  }
  for (; i < to; i += 1) crc = (crc >>> 8) ^ at(t0, (crc ^ (bytes[i] ?? 0)) & 0xff);
  return (crc ^ -1) >>> 0;
}
