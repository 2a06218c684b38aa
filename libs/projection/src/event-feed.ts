import type { StoredRecord } from '#protocol';
import type { ReadOutcome } from '#runtime';

export interface EventFeedListener {
  /** Records in offset order, none twice; maybe none. `nextOffset`: where the following batch begins. `highWatermark`: the log's end when they were read. */
  records(records: readonly StoredRecord[], nextOffset: number, highWatermark: number): void;
  /** The position is outside the log: truncated or recreated (L11). The subscription has ended. */
  outOfRange(logStart: number, highWatermark: number): void;
  /** What came could not be read. The subscription has ended. */
  failed(reason: string): void;
}

export interface EventSubscription {
  pause(): void;
  resume(): void;
  close(): void;
}

/** The event log as the projector reads it: by offset, never reset to another one by itself. */
export interface EventFeed {
  /** Reads on from `fromOffset` until closed; trouble is retried inside. */
  subscribe(partition: number, fromOffset: number, listener: EventFeedListener): EventSubscription;
  /** First and next offset. Rejects with TransientError when the broker cannot be asked. */
  bounds(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }>;
  /** One read, to look at a single place of the log. Rejects with TransientError when the broker cannot be asked. */
  read(partition: number, fromOffset: number): Promise<ReadOutcome>;
}
