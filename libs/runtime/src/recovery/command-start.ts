import { type CommandPosition, fenceOffsetOf, highestDecided, isFence, type StoredRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { Backoff, pause } from '../control/waiting.js';
import { FatalError } from '../ports/errors.js';
import { recordAt } from './reading.js';
import { type CommandBounds, commandBounds, commandFrom } from './reading-commands.js';

const tries = 6;
const maxFencesPassed = 1_000;

/**
 * L11: where to read commands from must be inside the topic, and the topic must be the one whose commands were decided: what
 * was never decided may be gone, or be passed over, otherwise. A broker that has just become leader may know of fewer records
 * for a moment, so it is asked several times (`isPatient`). Returns the position with the time of its last command, where it can be
 * told. Throws FatalError COMMAND_POSITION_OUT_OF_RANGE or COMMANDS_REPLACED; StoppedError when stopped.
 */
export async function checkCommandStart(
  context: PartitionContext,
  position: CommandPosition,
  isPatient: boolean,
): Promise<CommandPosition> {
  const backoff = new Backoff(context.random, 100, 1_000);
  const next = position.commandOffset + 1;
  const least = highestDecided(position) + 1; // what was decided above the mark must be there as well
  for (let attempt = 1; ; attempt += 1) {
    const bounds = await commandBounds(context);
    const { logStart, highWatermark } = bounds;
    if (next >= logStart && least <= highWatermark) return checkSameCommands(context, position, bounds);
    if (attempt === tries || next < logStart || !isPatient)
      throw commandsOutOfRange(next < logStart ? next : least, logStart, highWatermark);
    await pause(context.clock, backoff.nextMs(), context.signal);
  }
}

/** The halt of an owner whose position is outside the topic. */
export function commandsOutOfRange(next: number, logStart: number, highWatermark: number): FatalError {
  return new FatalError(
    'COMMAND_POSITION_OUT_OF_RANGE',
    `the next command would be at ${next}, but the topic holds ${logStart} to ${highWatermark}: it was recreated, truncated or has expired`,
  );
}

/**
 * A topic that was recreated, or lost its tail, and has outgrown the position again: the command there is another one, and what
 * lies below it was never decided. It is told by the time at which the broker took it (LogAppendTime), which the position carries.
 */
async function checkSameCommands(context: PartitionContext, position: CommandPosition, bounds: CommandBounds): Promise<CommandPosition> {
  const { commandTime } = position;
  const highest = highestDecided(position);
  if (highest < bounds.logStart || !context.rules.sameLog) return position; // expired, or none decided: nothing to compare with
  const command = await commandFrom(context, highest, bounds);
  if (command?.offset !== highest) return position; // an offset without a command: a transaction's marker
  const isSame = commandTime === undefined ? await isOldEnough(context, command.timestamp) : command.timestamp === commandTime;
  if (isSame) return { ...position, commandTime: command.timestamp };
  throw new FatalError(
    'COMMANDS_REPLACED',
    `the command at ${highest} counts as decided but was written at ${new Date(command.timestamp).toISOString()}, ` +
      `${commandTime === undefined ? 'after the last event' : `not at ${new Date(commandTime).toISOString()}`}: ` +
      `the topic was recreated or lost its tail, and what lies below ${highest + 1} was never decided`,
  );
}

/** Where the position says no time (it was unknown to its owner): the command was there before the record that called it decided. */
async function isOldEnough(context: PartitionContext, writtenAt: number): Promise<boolean> {
  const last = await lastFactBelow(context, fenceOffsetOf(context.standing.epoch));
  return last === undefined || writtenAt <= last.timestamp + 2 * context.settings.maxClockSkewMs;
}

/** The last record below an offset that is no fence: an owner that halted leaves its fence and decides nothing, so its fence dates no decision. */
async function lastFactBelow(context: PartitionContext, offset: number): Promise<StoredRecord | undefined> {
  for (let at = offset - 1; at >= Math.max(0, offset - maxFencesPassed); at -= 1) {
    const record = await recordAt(context, at);
    if (record === 'outside') return undefined;
    if (record !== 'compacted' && !isFence(record)) return record;
  }
  return undefined;
}
