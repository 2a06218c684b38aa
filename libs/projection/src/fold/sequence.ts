import type { EventEntry } from './sort-records.js';

/** V2 for a run of one entity's events: which of them apply, and where a hole begins. */
export interface Sequenced {
  readonly applied: readonly EventEntry[];
  readonly duplicates: number;
  readonly hole?: { readonly offset: number; readonly reason: string };
}

/** An event applies iff `seq = last + 1`; a lower one is a duplicate; after a hole nothing more of the entity applies. */
export function sequence(lastSeq: number, entries: readonly EventEntry[]): Sequenced {
  let next = lastSeq + 1;
  if (entries.length > 0 && entries.every((entry, index) => entry.seq === next + index)) return { applied: entries, duplicates: 0 };
  const applied: EventEntry[] = [];
  let duplicates = 0;
  for (const entry of entries) {
    if (entry.seq < next) {
      duplicates += 1;
      continue;
    }
    if (entry.seq > next) {
      const { offset } = entry.record;
      return { applied, duplicates, hole: { offset, reason: `event ${next} is missing: ${entry.seq} came at offset ${offset}` } };
    }
    applied.push(entry);
    next += 1;
  }
  return { applied, duplicates };
}
