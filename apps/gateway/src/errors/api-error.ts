import type { Json } from '#core';
import { type ErrorCode, statusOfCode } from './codes.js';

/** Where an error stands: what it concerns, and whether the command may have been applied. */
export interface ErrorContext {
  readonly workflowId?: string | undefined;
  readonly commandId?: string | undefined;
  /** Set when the command may be in the log: ask `/commands/{commandId}`, or repeat with the same key. */
  readonly outcome?: 'unknown' | undefined;
  readonly details?: Json | undefined;
  /** Overrides the table's status, where one code means two things (WORKFLOW_INVALID is 400 with `validate=strict`). */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer other than success; ErrorFilter turns it into the body of contract §3. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly context: ErrorContext = {},
  ) {
    super(message);
    this.status = context.status ?? statusOfCode[code];
  }
}
