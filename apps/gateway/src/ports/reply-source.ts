import type { Reply } from '#protocol';

/** One partition of `workflow.replies`, read from its end by this gateway. */
export interface ReplySource {
  /** Where replies are to be sent: the values of the headers `reply-topic` and `reply-partition`. */
  readonly topic: string;
  readonly partition: number;
  /** Replies of other gateways on the same partition come too: tell them apart by correlation id. */
  onReply(listener: (correlationId: string, reply: Reply) => void): void;
}
