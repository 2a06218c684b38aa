import type { EventEntry } from './sort-records.js';

const open = 0x5b;
const comma = 0x2c;
const close = 0x5d;

/** The values of these records as one JSON array: bytes copied, nothing parsed. */
export function joinEvents(entries: readonly EventEntry[]): Uint8Array {
  if (entries.length === 0) return Buffer.from('[]');
  const size = entries.reduce((sum, entry) => sum + (entry.record.value?.length ?? 0) + 1, 1);
  const joined = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { record } of entries) {
    joined[at] = at === 0 ? open : comma;
    joined.set(record.value ?? [], at + 1);
    at += 1 + (record.value?.length ?? 0);
  }
  joined[at] = close;
  return joined;
}
