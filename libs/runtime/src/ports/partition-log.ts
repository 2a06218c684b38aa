import type { LogRecord, StoredRecord } from '#protocol';

/** How one append ended. Only `appended` and `notWritten` are certain. */
export type AppendOutcome =
  /** `baseOffset`: where the first record lies; `timestamp`: the broker's LogAppendTime, epoch ms. */
  | { readonly status: 'appended'; readonly baseOffset: number; readonly timestamp: number }
  /** Plainly refused, or never written to a socket: nothing of it will ever appear. */
  | { readonly status: 'notWritten'; readonly code: string; readonly message: string; readonly tooLarge?: boolean }
  /** No answer in time, a lost connection, or an answer that leaves it open: it may appear, even later (L5). */
  | { readonly status: 'unknown'; readonly code: string; readonly message: string };

export interface ReadOptions {
  readonly maxBytes?: number;
  /** Long poll: how long the broker may hold an empty answer, ms. */
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
}

export type ReadOutcome =
  /** Records from `fromOffset` on, in order, maybe none. `nextOffset`: where to read next (compaction leaves gaps). */
  | {
      readonly status: 'read';
      readonly records: readonly StoredRecord[];
      readonly nextOffset: number;
      readonly highWatermark: number;
      readonly logStart: number;
    }
  /** `fromOffset` is outside the log: never reset silently (L11). */
  | { readonly status: 'outOfRange'; readonly logStart: number; readonly highWatermark: number };

/**
 * The event log of all partitions. One append = one record batch = all or nothing (L3), written to a socket at most once (L4).
 * Appends of one partition are issued one at a time by its runtime; the adapter may send those of several in one request.
 */
export interface PartitionLog {
  /** Never rejects: trouble is an outcome. Resolves within `appendTimeoutMs` of the settings. */
  append(partition: number, records: readonly LogRecord[]): Promise<AppendOutcome>;
  /** Rejects with TransientError when the broker cannot be asked now. */
  read(partition: number, fromOffset: number, options?: ReadOptions): Promise<ReadOutcome>;
}
