import type { RawRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { persist, StoppedError } from '../control/waiting.js';
import type { CommandSubscription } from '../ports/command-log.js';

const tries = 3;
const readWithinMs = 2_000;

/** First and next offset of a partition's commands. */
export interface CommandBounds {
  readonly logStart: number;
  readonly highWatermark: number;
}

/** Waits for the broker as long as it takes. Throws StoppedError when stopped. */
export function commandBounds(context: PartitionContext): Promise<CommandBounds> {
  return persist(context, 'asking for the bounds of the commands topic', () => context.ports.commands.bounds(context.partition));
}

/**
 * The first command at or after an offset. Undefined when the topic ends there, or holds nothing but transaction markers from
 * there on: those come as no record at all, so what does not come within 2 s is asked for three times. `known`: bounds asked for just now.
 * Throws StoppedError when stopped.
 */
export async function commandFrom(context: PartitionContext, offset: number, known?: CommandBounds): Promise<RawRecord | undefined> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const { logStart, highWatermark } = attempt === 1 && known ? known : await commandBounds(context);
    if (offset < logStart || offset >= highWatermark) return undefined;
    const record = await firstRecord(context, offset);
    if (context.signal.aborted) throw new StoppedError('reading a command');
    if (record !== undefined) return record;
  }
  return undefined;
}

function firstRecord({ ports, partition, clock, signal }: PartitionContext, offset: number): Promise<RawRecord | undefined> {
  return new Promise((resolve) => {
    let subscription: CommandSubscription | undefined;
    const settle = (record?: RawRecord) => {
      cancel();
      signal.removeEventListener('abort', stop);
      subscription?.close();
      resolve(record);
    };
    const stop = () => settle();
    const cancel = clock.after(readWithinMs, stop);
    signal.addEventListener('abort', stop);
    subscription = ports.commands.subscribe(partition, offset, {
      records: ([first]) => first && settle(first),
      outOfRange: stop,
      failed: stop,
    });
  });
}
