import type { StoredRecord } from '#protocol';
import type { ProducedCommand } from '../memory/index.js';
import type { Complaint } from './partition-history.js';

/** An owner knows the broker's time no better than its last answer allows: an append is answered within this, or never. */
const answeredWithinMs = 3_000;

interface Dates {
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

const text = new TextDecoder();

/** I-26: who is refused for being late is late by the broker's time, whatever the clock of the owner says. */
export class LateRefusals {
  readonly #dates = new Map<string, Dates>();
  readonly #complain: Complaint;

  constructor(
    complain: Complaint,
    readonly dedupeWindowMs: number,
  ) {
    this.#complain = complain;
  }

  /** A command and its repeats carry the same dates. */
  produced({ value }: ProducedCommand): void {
    if (value?.startsWith('{"commandId":"c') !== true) return; // poison
    const body = JSON.parse(value) as Dates & { commandId: string };
    this.#dates.set(body.commandId, body);
  }

  appended(record: StoredRecord): void {
    if (record.headers.type !== 'Decided' || record.value === null) return;
    const { refused = [] } = JSON.parse(text.decode(record.value)) as { refused?: readonly { commandId: string; code?: string }[] };
    for (const { commandId, code } of refused) {
      const { issuedAt, expiresAt } = this.#dates.get(commandId) ?? {};
      const at = record.timestamp;
      if (code === 'EXPIRED' && (expiresAt ?? 0) > at)
        this.#complain('I-26', `${commandId} is called expired at ${record.offset}, ${(expiresAt ?? 0) - at} ms too early`);
      if (code === 'STALE_COMMAND' && (issuedAt ?? 0) >= at + answeredWithinMs - this.dedupeWindowMs)
        this.#complain('I-26', `${commandId} is called stale at ${record.offset}, ${at - (issuedAt ?? 0)} ms old`);
    }
  }
}
