import type { LogRecord } from '#protocol';

/** What happens to one append. Delays are milliseconds of virtual time. */
export interface AppendFault {
  /** Until the bytes reach the broker; `'never'` = lost on the way. A take-over may come in between. */
  readonly deliverMs: number | 'never';
  /** From there until the answer is back; `'never'` = written, but nobody hears of it. */
  readonly answerMs: number | 'never';
  /** The broker says plainly that nothing was written. */
  readonly refuse?: { readonly code: string; readonly message: string };
  /** A second copy of the same bytes arrives so much later (what L4 forbids an adapter to cause). */
  readonly duplicateAfterMs?: number;
  /** The batch arrives as two, the second part so much later or never (what L3 forbids). */
  readonly split?: { readonly at: number; readonly restAfterMs: number | 'never' };
}

/** What happens to one read. */
export interface ReadFault {
  readonly delayMs: number;
  readonly fail?: boolean;
  /** Cuts the answer short. */
  readonly maxBytes?: number;
}

export interface LogFaults {
  append(partition: number, records: readonly LogRecord[]): AppendFault;
  read(partition: number, fromOffset: number): ReadFault;
}

/** Everything arrives at once and is answered at once. */
export const faultlessLog: LogFaults = {
  append: () => ({ deliverMs: 0, answerMs: 0 }),
  read: () => ({ delayMs: 0 }),
};
