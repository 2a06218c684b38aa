import type { Reply, ReplyAddress } from '#protocol';

/** `workflow.replies` and other allowed reply topics. Best effort and not awaited: a caller without a reply asks again. */
export interface ReplySink {
  send(address: ReplyAddress, reply: Reply): void;
}
