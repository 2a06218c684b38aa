import type { StoredRecord } from '#protocol';
import type { CommandSubscription, ReadOutcome } from '#runtime';
import type { KafkaLog } from '../settings.js';
import type { FetchLane } from '../wire/fetch-lane.js';
import { toStored } from './kafka-partition-log.js';
import { readOnce } from './one-read.js';
import { Subscription, type SubscriptionListener } from './subscription.js';

const defaultMaxBytes = 512 * 1024;

/**
 * Follows partitions of `workflow.events` from given offsets: all records in order, V1 not yet applied. A promise returned by
 * the listener holds its partition back (one batch under way at most); the others go on.
 */
export class EventsReader {
  constructor(
    private readonly topic: string,
    private readonly fetch: FetchLane,
    private readonly log: KafkaLog,
  ) {}

  subscribe(partition: number, fromOffset: number, listener: SubscriptionListener<StoredRecord>): CommandSubscription {
    const place = { topic: this.topic, partition, fromOffset, maxBytes: defaultMaxBytes, decode: toStored, log: this.log };
    return new Subscription(this.fetch, place, listener);
  }

  /** One look at a single place of the log. Rejects with TransientError. */
  async read(partition: number, fromOffset: number): Promise<ReadOutcome> {
    const read = await readOnce(this.fetch, { topic: this.topic, partition, fromOffset }, { maxBytes: defaultMaxBytes });
    return read.status === 'read' ? { ...read, records: read.records.map(toStored) } : read;
  }

  /** First and next offset. Rejects with TransientError. */
  bounds(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    return this.fetch.bounds(this.topic, partition);
  }
}
