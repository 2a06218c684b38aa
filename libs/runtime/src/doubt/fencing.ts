import { encodeFence } from '#protocol';
import { appendRecords } from '../append/append-records.js';
import type { PartitionContext } from '../control/context.js';
import { Backoff, pause, StoppedError } from '../control/waiting.js';

/** The own fence as confirmed: where it lies, the epoch it begins, and the broker's time. */
export interface PlacedFence {
  readonly offset: number;
  readonly epoch: string;
  readonly timestamp: number;
}

/**
 * L1: appends a fence until one is confirmed. After an answer that leaves it open, another one with a new random id
 * follows, with back-off, while the group says that the partition is held here (L5). Undefined: it is not.
 * Throws StoppedError when stopped.
 */
export async function placeFence(context: PartitionContext, reason: string): Promise<PlacedFence | undefined> {
  const backoff = new Backoff(context.random, 50, 2_000);
  for (;;) {
    const placed = await tryFence(context, reason);
    if (context.signal.aborted) throw new StoppedError('fencing');
    if (typeof placed !== 'string') return placed;
    context.standing.waiting(`fencing: ${placed}`);
    await pause(context.clock, backoff.nextMs(), context.signal);
    if (!(await confirmMembership(context))) return undefined;
  }
}

async function tryFence(context: PartitionContext, reason: string): Promise<PlacedFence | string> {
  const { settings, ports, clock } = context;
  const random = context.random.next();
  context.standing.fencing(random);
  const body = {
    instance: settings.instanceId,
    address: settings.address,
    generation: ports.membership.generation(),
    partitions: settings.partitions,
    reason,
    at: clock.now(),
  };
  const sentAt = clock.monotonic();
  const outcome = await appendRecords(context, [encodeFence(random, body)]);
  if (outcome.status !== 'appended') return `${outcome.code}: ${outcome.message}`;
  context.skew.observe(sentAt, outcome.timestamp);
  context.standing.confirmedAt = Math.max(context.standing.confirmedAt, sentAt);
  return { offset: outcome.baseOffset, epoch: `${outcome.baseOffset}.${random}`, timestamp: outcome.timestamp };
}

/** L5: asks the group until it says yes or no. Throws StoppedError when stopped. */
export async function confirmMembership(context: PartitionContext): Promise<boolean> {
  if (!context.rules.membership) return true;
  const backoff = new Backoff(context.random, 50, 2_000);
  for (;;) {
    const answer = await context.ports.membership.confirm(context.partition);
    if (context.signal.aborted) throw new StoppedError('asking the group');
    if (answer !== 'unknown') return answer === 'owner';
    context.standing.waiting('the group coordinator cannot be asked now');
    await pause(context.clock, backoff.nextMs(), context.signal);
  }
}
