import type { CommandEnvelope, ReplyAddress } from '#protocol';

/** A command ready to be sent; `partition` is that of its key. */
export interface OutgoingCommand {
  readonly command: CommandEnvelope;
  /** The workflow's id, or that of the execution where executions are spread. */
  readonly key: string;
  readonly partition: number;
  readonly reply?: Required<ReplyAddress>;
  readonly traceparent?: string;
}

/** What became of a produce request. `unknown`: it may or may not be in the log. */
export type SendOutcome =
  | { readonly status: 'durable' }
  | { readonly status: 'notWritten'; readonly reason: string; readonly isTooLarge?: boolean }
  | { readonly status: 'unknown'; readonly reason: string };

/** Puts commands onto `workflow.commands`. Never rejects; settles within its own time-out. */
export interface CommandSender {
  send(command: OutgoingCommand): Promise<SendOutcome>;
}
