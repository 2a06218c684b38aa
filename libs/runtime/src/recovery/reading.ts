import type { StoredRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { persist } from '../control/waiting.js';
import type { ReadOutcome } from '../ports/partition-log.js';

const maxWaitMs = 500;

/** One read, tried until the broker answers. Throws StoppedError when stopped. */
export function readLog(context: PartitionContext, fromOffset: number, maxBytes = 4_194_304): Promise<ReadOutcome> {
  const { ports, partition, signal } = context;
  return persist(context, 'reading the log', () => ports.log.read(partition, fromOffset, { maxBytes, maxWaitMs, signal }));
}

/** The record at exactly this offset; undefined where there is none (compacted, below the start, or past the end). */
export async function recordAt(context: PartitionContext, offset: number): Promise<StoredRecord | undefined> {
  if (offset < 0) return undefined;
  const outcome = await readLog(context, offset, 65_536);
  if (outcome.status === 'outOfRange') return undefined;
  return outcome.records.find((record) => record.offset === offset);
}
