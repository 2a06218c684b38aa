import type { Json } from '#core';

/** A node cannot go on. `code` is for machines, the message names what happened and what to do. */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  /** False: another attempt would fail the same way. */
  readonly retryable: boolean;
  readonly details: Json | undefined;

  constructor(
    readonly code: string,
    message: string,
    options: { readonly retryable?: boolean; readonly details?: Json; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable ?? true;
    this.details = options.details;
  }
}

/** A checkpoint points to something that is gone or has changed: the stage starts over from the beginning. */
export class CheckpointUnusable extends Error {
  override readonly name = 'CheckpointUnusable';
}
