import type { CommandPosition, RawRecord } from '#protocol';
import { fenceOffsetOf } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { Backoff, pause, persist } from '../control/waiting.js';
import type { CommandSubscription } from '../ports/command-log.js';
import { FatalError } from '../ports/errors.js';
import { recordAt } from './reading.js';

const tries = 6;
const readWithinMs = 2_000;

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
    if (next >= logStart && next <= highWatermark) return checkSameCommands(context, position.commandOffset, logStart);
    if (attempt === tries || next < logStart)
      throw new FatalError(
        'COMMAND_POSITION_OUT_OF_RANGE',
        `the next command would be at ${next}, but the topic holds ${logStart} to ${highWatermark}: it was recreated, truncated or has expired`,
      );
    await pause(context.clock, backoff.nextMs(), context.signal);
  }
}

/**
 * A topic that was recreated and has outgrown the remembered position: the command at that position is younger than the last record
 * before our fence, but it was decided before that record was written. Both times are the brokers' own (LogAppendTime).
 */
async function checkSameCommands(context: PartitionContext, commandOffset: number, logStart: number): Promise<void> {
  if (commandOffset < logStart) return; // expired: nothing to compare with
  const last = await recordAt(context, fenceOffsetOf(context.standing.epoch) - 1);
  if (typeof last === 'string') return;
  const command = await commandFrom(context, commandOffset);
  if (command?.offset !== commandOffset || command.timestamp <= last.timestamp + 2 * context.settings.maxClockSkewMs) return;
  const written = new Date(command.timestamp).toISOString();
  throw new FatalError(
    'COMMANDS_REPLACED',
    `the command at ${commandOffset} counts as decided but was written at ${written}, after the last event: the topic was recreated, and what lies below ${commandOffset + 1} was never decided`,
  );
}

/** The first record at or after an offset; undefined when none comes in time (the offset may hold a transaction's marker). */
function commandFrom({ ports, partition, clock }: PartitionContext, offset: number): Promise<RawRecord | undefined> {
  return new Promise((resolve) => {
    let subscription: CommandSubscription | undefined;
    const settle = (record: RawRecord | undefined) => {
      cancel();
      subscription?.close();
      resolve(record);
    };
    const cancel = clock.after(readWithinMs, () => settle(undefined));
    subscription = ports.commands.subscribe(partition, offset, {
      records: ([first]) => first && settle(first),
      outOfRange: () => settle(undefined),
    });
  });
}
