import { epochOf, eventHeaders, fenceOffsetOf, isFence, type StoredRecord } from '#protocol';
import type { EventFeed } from './event-feed.js';
import type { Position } from './rows.js';

/** Whether a stored position still belongs to the log (L11). */
export type LogCheck =
  | { readonly same: true; readonly logStart: number }
  | { readonly same: false; readonly logStart: number; readonly reason: string };

/**
 * L11 for a reader: the fence of the stored epoch must lie where it lay, the log must reach the position, and the record
 * before it must not belong to another epoch (a tail that was lost and written anew).
 */
export async function checkSameLog(feed: EventFeed, partition: number, position: Position): Promise<LogCheck> {
  const { logStart, highWatermark } = await feed.bounds(partition);
  const differs = (reason: string): LogCheck => ({ same: false, logStart, reason });
  if (position.offset > highWatermark) return differs(`the log ends at ${highWatermark}, before the position ${position.offset}`);
  if (position.offset < logStart) return differs(`the log begins at ${logStart}, after the position ${position.offset}`);
  if (position.epoch === undefined) return { same: true, logStart };
  const fence = await recordAt(feed, partition, fenceOffsetOf(position.epoch));
  if (!fence || !isFence(fence) || epochOf(fence) !== position.epoch) return differs(`the log has no fence ${position.epoch}`);
  const last = await recordAt(feed, partition, position.offset - 1);
  const lastEpoch = last && epochIn(last);
  if (lastEpoch !== undefined && lastEpoch !== position.epoch)
    return differs(`offset ${position.offset - 1} belongs to epoch ${lastEpoch}, not ${position.epoch}: the log's tail was lost`);
  return { same: true, logStart };
}

async function recordAt(feed: EventFeed, partition: number, offset: number): Promise<StoredRecord | undefined> {
  if (!(offset >= 0)) return undefined;
  const outcome = await feed.read(partition, offset);
  return outcome.status === 'read' ? outcome.records.find((record) => record.offset === offset) : undefined;
}

/** The epoch that a record proves: its own as a fence, its stamp's where it lies at its stamped offset. */
function epochIn(record: StoredRecord): string | undefined {
  if (isFence(record)) return epochOf(record);
  return record.headers[eventHeaders.expectedOffset] === String(record.offset) ? record.headers[eventHeaders.epoch] : undefined;
}
