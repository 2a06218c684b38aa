import type { Reply } from '#protocol';
import type { CancelTimer, Clock } from '#runtime';
import type { OutgoingCommand, SendOutcome } from '../ports/command-sender.js';

/** A command on its way. `owner` is the membership that held its partition when it was last sent. */
export interface PendingCommand {
  readonly correlationId: string;
  readonly outgoing: OutgoingCommand;
  owner: string;
  sent: SendOutcome | undefined;
}

export type Settled =
  | { readonly status: 'replied'; readonly reply: Reply }
  | { readonly status: 'notWritten'; readonly sent: Extract<SendOutcome, { status: 'notWritten' }> }
  | { readonly status: 'timedOut'; readonly sent: SendOutcome | undefined };

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
  wait(command: Pick<PendingCommand, 'correlationId' | 'outgoing' | 'owner'>, timeoutMs: number): Promise<Settled> {
    return new Promise((resolve) => {
      const { correlationId } = command;
      const cancelTimer = this.clock.after(timeoutMs, () => this.#timeOut(correlationId));
      this.#entries.set(correlationId, { ...command, sent: undefined, resolve, cancelTimer });
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

  /** Those that wait, oldest first. */
  values(): Iterable<PendingCommand> {
    return this.#entries.values();
  }

  #timeOut(correlationId: string): void {
    const entry = this.#entries.get(correlationId);
    if (entry) this.#settle(correlationId, { status: 'timedOut', sent: entry.sent });
  }

  #settle(correlationId: string, settled: Settled): void {
    const entry = this.#entries.get(correlationId);
    if (!entry) return;
    this.#entries.delete(correlationId);
    entry.cancelTimer();
    entry.resolve(settled);
  }
}
