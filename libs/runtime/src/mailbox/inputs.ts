import type { Command, Signal } from '#core';
import type { RawRecord, Reply, ReplyAddress } from '#protocol';

/** How a command came: `home` from a partition without the workflow's shard, `shard` from the workflow's home. */
export type Route = 'home' | 'shard';

/** A command from the topic, waiting to be decided. */
export interface CommandInput {
  readonly kind: 'command';
  readonly offset: number;
  /** As read: what is decided elsewhere goes on with its own bytes. */
  readonly record: RawRecord;
  /** The record's key: the workflow's id, or the execution's. */
  readonly key: string;
  readonly route: Route | undefined;
  /** Of its value, as read. */
  readonly bytes: number;
  /** When the broker got it (LogAppendTime), or, where that is not kept, when its sender says. */
  readonly writtenAt: number;
  /** `now` is filled in when it is decided. */
  readonly command: Command;
  readonly commandHash: string;
  /** When it was issued, else when the broker got it. */
  readonly issuedAt: number;
  readonly expiresAt: number | undefined;
  readonly replyTo: ReplyAddress | undefined;
  /** Key of the execution it concerns. */
  readonly executionKey: string | undefined;
  /** The key of the execution that this commandId would start if it were an execute without an id: its memory (dedupe). */
  readonly derivedKey: string;
  /** True where `executionKey` was derived from the commandId. */
  readonly derived: boolean;
}

/** A command that needs no decision: it was forwarded or rejected; only its offset is to be recorded. */
export interface SettledInput {
  readonly kind: 'settled';
  readonly offset: number;
  readonly reply: { readonly to: ReplyAddress; readonly reply: Reply } | undefined;
}

/** What a node attempt or a timer says. `settled` is told once it is confirmed: whether it changed anything. */
export interface SignalInput {
  readonly kind: 'signal';
  readonly signal: Signal;
  readonly entityKey: string;
  readonly settled?: (changed: boolean) => void;
}

/** Wants an append to learn the broker's time, no more. */
export interface ProbeInput {
  readonly kind: 'probe';
}

export type MailInput = CommandInput | SettledInput | SignalInput | ProbeInput;

/** The execution that a command is about, as its data names it. */
export function executionIdOf({ data }: Command): string | undefined {
  return 'executionId' in data ? data.executionId : undefined;
}

/** The workflow whose order an input keeps; undefined where it concerns none. */
export function workflowOf(input: MailInput): string | undefined {
  switch (input.kind) {
    case 'command':
      return input.command.workflowId;
    case 'signal':
      return input.signal.workflowId;
    default:
      return undefined;
  }
}
