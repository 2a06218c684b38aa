import { type AppendOutcome, TransientError } from '#runtime';
import type { ProduceLane } from '../wire/produce-lane.js';
import type { OutgoingRecord } from '../wire/record-batch.js';
import { pause } from '../wire/within.js';

const firstBackoffMs = 25;
const maxBackoffMs = 500;
const never = new AbortController().signal;

/** Codes that another try cannot mend. */
function isFinal(outcome: AppendOutcome): boolean {
  return outcome.status === 'notWritten' && (outcome.tooLarge === true || outcome.code === 'CLOSED' || outcome.code === 'QUEUE_FULL');
}

/**
 * Sends again until confirmed or the time is up: at least once, for records whose readers dedupe. Never for the event log (L4).
 * The outcome is `unknown` when any try may have landed.
 */
export async function sendUntil(
  lane: ProduceLane,
  place: { readonly topic: string; readonly partition: number },
  record: OutgoingRecord,
  timeoutMs: number,
): Promise<AppendOutcome> {
  const deadline = performance.now() + timeoutMs;
  let maybeLanded: AppendOutcome | undefined;
  for (let backoff = firstBackoffMs; ; backoff = Math.min(maxBackoffMs, backoff * 2)) {
    const outcome = await lane.send(place.topic, place.partition, [record]);
    if (outcome.status === 'appended') return outcome;
    if (outcome.status === 'unknown') maybeLanded = outcome;
    if (isFinal(outcome) || performance.now() + backoff >= deadline) return maybeLanded ?? outcome;
    await pause(backoff * (0.5 + Math.random() / 2), never);
  }
}

/** Like `sendUntil`, but rejects with TransientError when not confirmed. */
export async function sendConfirmed(
  lane: ProduceLane,
  place: { readonly topic: string; readonly partition: number },
  record: OutgoingRecord,
  timeoutMs: number,
): Promise<void> {
  const outcome = await sendUntil(lane, place, record, timeoutMs);
  if (outcome.status !== 'appended') throw notConfirmed(place, outcome);
}

/** What a send that was not confirmed is to its caller. */
export function notConfirmed(
  place: { readonly topic: string; readonly partition: number },
  outcome: Exclude<AppendOutcome, { status: 'appended' }>,
): TransientError {
  return new TransientError(`${place.topic}/${place.partition} did not confirm: ${outcome.message}`);
}
