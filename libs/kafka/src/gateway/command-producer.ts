import { sendUntil } from '../log/confirmed-send.js';
import type { ProduceLane } from '../wire/produce-lane.js';

/** A command ready for the wire: `partition` = the murmur2 partition of its key, `value` = JSON text. */
export interface ProducedCommand {
  readonly key: string;
  readonly partition: number;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type ProduceOutcome =
  | { readonly status: 'durable'; readonly offset: number }
  /** Nothing of it will ever appear on the topic. */
  | { readonly status: 'notWritten'; readonly code: string; readonly reason: string }
  /** It may be on the topic: ask by its commandId, or repeat it. */
  | { readonly status: 'unknown'; readonly code: string; readonly reason: string };

/**
 * Puts commands on `workflow.commands`: one request in flight per leader, what comes meanwhile shares the next. May write one
 * twice when an answer is lost: owners dedupe by commandId.
 */
export class CommandProducer {
  constructor(
    private readonly topic: string,
    private readonly lane: ProduceLane,
    private readonly timeoutMs: number,
  ) {}

  /** Never rejects; resolves within the time-out and at most one append time-out more. */
  async send(command: ProducedCommand): Promise<ProduceOutcome> {
    const place = { topic: this.topic, partition: command.partition };
    const record = { key: command.key, value: Buffer.from(command.value), headers: command.headers };
    const outcome = await sendUntil(this.lane, place, record, this.timeoutMs);
    if (outcome.status === 'appended') return { status: 'durable', offset: outcome.baseOffset };
    return { status: outcome.status, code: outcome.code, reason: outcome.message };
  }
}
