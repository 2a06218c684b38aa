import type { EventsReader, KafkaPartitionLog } from '#kafka';
import type { EventFeed, EventFeedListener, EventSubscription } from '#projection';
import type { ReadOutcome } from '#runtime';
import { PacedRelease } from './paced-release.js';

const pace = { quietMs: 60, busyMs: 250, busyRate: 2_000 };
/** Enough for the one batch that holds the record looked for. */
const singleReadBytes = 64 * 1024;

/** `workflow.events` for the projector: followed by a shared long poll, looked into by single reads. */
export class KafkaEventFeed implements EventFeed {
  readonly #pace = new PacedRelease(pace);

  constructor(
    private readonly reader: EventsReader,
    private readonly log: KafkaPartitionLog,
  ) {}

  subscribe(partition: number, fromOffset: number, listener: EventFeedListener): EventSubscription {
    const subscription = this.reader.subscribe(partition, fromOffset, {
      records: (records, nextOffset) => {
        listener.records(records, nextOffset, subscription.highWatermark);
        // At the log's end the next read waits for more to come; behind it there is more already.
        return nextOffset >= subscription.highWatermark ? this.#pace.wait(records.length) : undefined;
      },
      outOfRange: (logStart, highWatermark) => listener.outOfRange(logStart, highWatermark),
      failed: (error) => listener.failed(String(error)),
    });
    return subscription;
  }

  bounds(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    return this.reader.bounds(partition);
  }

  read(partition: number, fromOffset: number): Promise<ReadOutcome> {
    return this.log.read(partition, fromOffset, { maxBytes: singleReadBytes });
  }
}
