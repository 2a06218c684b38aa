import type { Reply } from '#protocol';
import type { CancelTimer, Clock } from '#runtime';
import type { OutgoingCommand, SendOutcome } from '../ports/command-sender.js';
import type { NoAnswer } from './no-answer.js';

/** A command on its way. `owner`, `epoch`: the membership that held its partition when it was last sent, and its epoch once that is known. */
export interface PendingCommand {
  readonly correlationId: string;
  readonly outgoing: OutgoingCommand;
  /** When the caller began to wait. */
  readonly since: number;
  owner: string;
  epoch: string | undefined;
  sent: SendOutcome | undefined;
  /** Since when nobody owns its partition. */
  unownedSince: number | undefined;
  /** Since when another owner or epoch could have answered it. */
  movedSince: number | undefined;
}

export type Settled =
  | { readonly status: 'replied'; readonly reply: Reply }
  | { readonly status: 'notWritten'; readonly sent: Extract<SendOutcome, { status: 'notWritten' }> }
  /** `why`: known before the time was up. */
  | { readonly status: 'unanswered'; readonly sent: SendOutcome | undefined; readonly why?: NoAnswer };

interface Entry extends PendingCommand {
  readonly resolve: (settled: Settled) => void;
  readonly cancelTimer: CancelTimer;
}

/** Commands that wait for their reply, by correlation id. At most `limit`; each leaves after its time-out at the latest. */
export class PendingReplies {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
  ) {}

  get isFull(): boolean {
    return this.#entries.size >= this.limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Waits for the reply with this correlation id, at most `timeoutMs`. */
  wait(command: Pick<PendingCommand, 'correlationId' | 'outgoing' | 'owner' | 'epoch'>, timeoutMs: number): Promise<Settled> {
    return new Promise((resolve) => {
      const { correlationId } = command;
      const cancelTimer = this.clock.after(timeoutMs, () => this.giveUp(correlationId));
      const since = this.clock.now();
      const unmoved = { sent: undefined, unownedSince: undefined, movedSince: undefined };
      this.#entries.set(correlationId, { ...command, ...unmoved, since, resolve, cancelTimer });
    });
  }

  /** A reply came; one that nobody waits for any more is dropped. */
  reply(correlationId: string, reply: Reply): void {
    this.#settle(correlationId, { status: 'replied', reply });
  }

  /** The produce request of a command has ended. Surely not written: nobody will reply. */
  sent(correlationId: string, outcome: SendOutcome): void {
    const entry = this.#entries.get(correlationId);
    if (!entry) return;
    if (outcome.status === 'notWritten' && entry.sent === undefined) this.#settle(correlationId, { status: 'notWritten', sent: outcome });
    else if (entry.sent?.status !== 'durable') entry.sent = outcome;
  }

  /** Nobody will answer in time: `why`, or the time is up. */
  giveUp(correlationId: string, why?: NoAnswer): void {
    const entry = this.#entries.get(correlationId);
    if (entry) this.#settle(correlationId, { status: 'unanswered', sent: entry.sent, ...(why === undefined ? {} : { why }) });
  }

  /** Those that wait, oldest first. */
  values(): Iterable<PendingCommand> {
    return this.#entries.values();
  }

  #settle(correlationId: string, settled: Settled): void {
    const entry = this.#entries.get(correlationId);
    if (!entry) return;
    this.#entries.delete(correlationId);
    entry.cancelTimer();
    entry.resolve(settled);
  }
}
