/** Trouble outside that may pass: retried with back-off, jitter and a limit. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** A broken assumption: the partition it concerns stops with this reason; no record is skipped. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
