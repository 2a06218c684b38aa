import { epochOf, eventHeaders, fenceOffsetOf, isFence, type StoredRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { PlacedFence } from '../doubt/fencing.js';
import type { CheckpointRow } from '../ports/snapshot-store.js';
import { recordAt } from './reading.js';

/**
 * L11: whether checkpoint and log belong together. `void`: the log was recreated, truncated or lost its tail, or an older
 * database was restored: the checkpoint and its snapshots mean nothing. `stale`: a later owner has claimed the partition.
 */
export type SameLog = { readonly verdict: 'same' } | { readonly verdict: 'stale' } | { readonly verdict: 'void'; readonly reason: string };

export async function checkSameLog(context: PartitionContext, row: CheckpointRow, own: PlacedFence): Promise<SameLog> {
  if (!context.rules.sameLog) return { verdict: 'same' };
  if (!(await hasFence(context, row.claimedEpoch))) return { verdict: 'void', reason: `fence ${row.claimedEpoch} is not in the log` };
  if (fenceOffsetOf(row.claimedEpoch) > own.offset) return { verdict: 'stale' };
  if (own.offset < row.coveredTo) return { verdict: 'void', reason: `the log ends at ${own.offset}, snapshots reach to ${row.coveredTo}` };
  const isToBeFound = row.epochAtOffset !== undefined && row.epochAtOffset !== row.claimedEpoch; // that one was found
  if (isToBeFound && !(await hasFence(context, row.epochAtOffset)))
    return { verdict: 'void', reason: `fence ${row.epochAtOffset} of the checkpoint is not in the log` };
  if (!(await holdsRecord(context, row.coveredTo - 1, row.coveredEpoch)))
    return {
      verdict: 'void',
      reason: `the record at ${row.coveredTo - 1} is not the one of epoch ${row.coveredEpoch} that snapshots cover`,
    };
  return { verdict: 'same' };
}

/** Whether the record that was confirmed at this offset is still there; one that compaction took with its purged entity counts as there. */
export async function holdsRecord(context: PartitionContext, offset: number, epoch: string): Promise<boolean> {
  const record = await recordAt(context, offset);
  return typeof record === 'string' ? record === 'compacted' : isOfEpoch(record, epoch);
}

/** Whether the fence of an epoch lies where it was placed. */
export async function hasFence(context: PartitionContext, epoch: string): Promise<boolean> {
  const record = await recordAt(context, fenceOffsetOf(epoch));
  return typeof record !== 'string' && isFence(record) && epochOf(record) === epoch;
}

/** A late append of that epoch may have landed there instead: only its stamp tells it from the record that was confirmed (V1). */
function isOfEpoch(record: StoredRecord, epoch: string): boolean {
  if (isFence(record)) return epochOf(record) === epoch;
  return record.headers[eventHeaders.epoch] === epoch && record.headers[eventHeaders.expectedOffset] === String(record.offset);
}
