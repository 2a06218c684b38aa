/** A tail shorter than this is not worth a snapshot. */
const leastRecords = 256;
/** Records in the tail for each entity that has events there: a busy one is saved once in so many of the partition's events for each of its kind, so that at most one event in so many costs a snapshot. */
const recordsPerEntity = 8;

/**
 * Where the tail is to begin that a take-over reads: events below it are covered at the next tick. As short as a bounded share of snapshots
 * can buy, and never longer than a quarter of `maxReplay`, because a save may be late. `nextOffset`: the end of the log; `dirty`: entities
 * with events that no snapshot covers.
 */
export function shortTailFrom(nextOffset: number, dirty: number, maxReplay: number): number {
  return nextOffset - Math.min(maxReplay / 4, Math.max(leastRecords, recordsPerEntity * dirty));
}
