import { LogValidity } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { PlacedFence } from '../doubt/fencing.js';
import { FatalError } from '../ports/errors.js';
import type { CheckpointRow } from '../ports/snapshot-store.js';
import { readLog } from './reading.js';
import { type CommandBounds, commandBounds, commandFrom } from './reading-commands.js';
import { hasFence } from './same-log.js';

/**
 * L11: the store is void because its log is gone, not because the log lost its tail: nothing is left to rebuild from, and
 * commands that were decided are still in their topic. To decide them again would repeat all their side effects, so that waits
 * for an operator. To be asked before the void store is claimed: the next owner must find what this one found.
 * Throws FatalError EVENTS_REPLACED; StoppedError when stopped.
 */
export async function refuseReplacedEvents(context: PartitionContext, row: CheckpointRow, own: PlacedFence): Promise<void> {
  if (row.commandOffset < 0 && row.decidedAbove.length === 0) return; // nothing was decided
  if (await hasFence(context, row.claimedEpoch)) return; // the same log, without its tail
  const bounds = await commandBounds(context);
  if (!(await holdsDecidedCommands(context, row, bounds)) || (await holdsFacts(context, own))) return;
  throw new FatalError(
    'EVENTS_REPLACED',
    `the log holds nothing but fences, while Postgres says that commands up to ${row.commandOffset} were decided and the commands ` +
      `topic, which ends at ${bounds.highWatermark}, still holds them: they would be executed again`,
  );
}

/** Whether any command in the topic may be one of those that the row calls decided: whatever was written after the last of them is not. */
async function holdsDecidedCommands(context: PartitionContext, row: CheckpointRow, bounds: CommandBounds): Promise<boolean> {
  const { logStart, highWatermark } = bounds;
  if (logStart === highWatermark) return false;
  const oldest = await commandFrom(context, logStart, bounds);
  return oldest === undefined || row.commandTime === undefined || oldest.timestamp <= row.commandTime;
}

/** Whether the log says anything valid (V1) besides who owned it. */
async function holdsFacts(context: PartitionContext, own: PlacedFence): Promise<boolean> {
  const validity = new LogValidity();
  for (let next = 0; next < own.offset; ) {
    const outcome = await readLog(context, next);
    if (outcome.status === 'outOfRange') {
      if (next >= outcome.logStart) return false; // it ends below the own fence
      next = outcome.logStart;
      continue;
    }
    if (outcome.records.some((record) => validity.check(record) === 'valid')) return true;
    if (outcome.nextOffset === next) return false;
    next = outcome.nextOffset;
  }
  return false;
}
