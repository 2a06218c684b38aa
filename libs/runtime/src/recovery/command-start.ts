import type { CommandPosition } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { Backoff, pause, persist } from '../control/waiting.js';
import { FatalError } from '../ports/errors.js';

const tries = 6;

/**
 * L11: where to read commands from must be inside the topic; commands that were never decided may be gone otherwise.
 * A broker that has just become leader may know of fewer records for a moment, so it is asked several times.
 */
export async function checkCommandStart(context: PartitionContext, position: CommandPosition): Promise<void> {
  const backoff = new Backoff(context.random, 100, 1_000);
  const next = position.commandOffset + 1;
  for (let attempt = 1; ; attempt += 1) {
    const { logStart, highWatermark } = await persist(context, 'asking for the bounds of the commands topic', () =>
      context.ports.commands.bounds(context.partition),
    );
    if (next >= logStart && next <= highWatermark) return;
    if (attempt === tries || next < logStart)
      throw new FatalError(
        'COMMAND_POSITION_OUT_OF_RANGE',
        `the next command would be at ${next}, but the topic holds ${logStart} to ${highWatermark}: it was recreated, truncated or has expired`,
      );
    await pause(context.clock, backoff.nextMs(), context.signal);
  }
}
