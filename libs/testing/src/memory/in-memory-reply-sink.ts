import type { Reply, ReplyAddress } from '#protocol';
import type { ReplySink } from '#runtime';

export interface SentReply {
  readonly address: ReplyAddress;
  readonly reply: Reply;
}

/** Keeps every reply, in order; `onReply` hears each. */
export class InMemoryReplySink implements ReplySink {
  readonly sent: SentReply[] = [];
  readonly #onReply: ((sent: SentReply) => void) | undefined;

  constructor(onReply?: (sent: SentReply) => void) {
    this.#onReply = onReply;
  }

  send(address: ReplyAddress, reply: Reply): void {
    const sent = { address, reply };
    this.sent.push(sent);
    this.#onReply?.(sent);
  }
}
