import type { StoredRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { persist } from '../control/waiting.js';
import type { ReadOutcome } from '../ports/partition-log.js';

const maxWaitMs = 500;
/** Room for the batch that holds one record: what comes with it is decoded in vain. */
const oneBatchBytes = 8_192;

/** One read, tried until the broker answers. Throws StoppedError when stopped. */
export function readLog(context: PartitionContext, fromOffset: number, maxBytes = 4_194_304): Promise<ReadOutcome> {
  const { ports, partition, signal } = context;
  return persist(context, 'reading the log', () => ports.log.read(partition, fromOffset, { maxBytes, maxWaitMs, signal }));
}

/** The record at exactly this offset; `compacted` where the log goes on without it, `outside` where it begins later or ends before. */
export async function recordAt(context: PartitionContext, offset: number): Promise<StoredRecord | 'compacted' | 'outside'> {
  if (offset < 0) return 'outside';
  const outcome = await readLog(context, offset, oneBatchBytes);
  if (outcome.status === 'outOfRange' || outcome.highWatermark <= offset) return 'outside';
  return outcome.records.find((record) => record.offset === offset) ?? 'compacted';
}
