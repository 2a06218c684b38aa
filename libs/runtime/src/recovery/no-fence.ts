import { LogValidity } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { type PlacedFence, placeFence } from '../doubt/fencing.js';
import { readLog } from './reading.js';

/** The mutant of L1: an owner that fences nothing and goes on under the epoch that it finds. Only the simulation uses it. */
export async function adoptEpoch(context: PartitionContext): Promise<PlacedFence | undefined> {
  const validity = new LogValidity();
  let next = 0;
  for (;;) {
    const outcome = await readLog(context, next);
    if (outcome.status === 'outOfRange') return placeFence(context, 'no epoch to adopt');
    for (const record of outcome.records) validity.check(record);
    next = outcome.nextOffset;
    if (next < outcome.highWatermark) continue;
    if (validity.epoch === undefined) return placeFence(context, 'no epoch to adopt');
    return { offset: next - 1, epoch: validity.epoch, timestamp: context.clock.now() };
  }
}
