import { createKafkajs } from '../kafkajs-log.js';
import { FetchLane } from '../wire/fetch-lane.js';
import { ProduceLane } from '../wire/produce-lane.js';
import { Wire } from '../wire/wire.js';
import type { TestKafka } from './test-kafka.js';

export interface Outsider {
  readonly lane: ProduceLane;
  readonly fetch: FetchLane;
  /** The batches of a partition's start as the broker stores them. */
  rawBatches(topic: string, partition: number): Promise<Buffer>;
  close(): void;
}

/** Somebody who reads and writes the topics of an installation without its adapters. */
export function outsider(kafka: TestKafka): Outsider {
  const log = (): void => undefined;
  const { logger } = createKafkajs(kafka.settings, log);
  const wire = new Wire({ settings: kafka.settings, logger });
  wire.follow(kafka.connection.topics.commands);
  wire.follow(kafka.connection.topics.rejected);
  const lane = new ProduceLane(wire, { acks: -1, timeoutMs: 3000, merge: false, maxBatchBytes: 1e6, maxQueuedBytes: 1e7, log });
  const fetch = new FetchLane(wire, { maxWaitMs: 10, maxBytes: 1e6, committedOnly: false, log });
  return {
    lane,
    fetch,
    rawBatches: (topic, partition) =>
      new Promise((resolve, reject) => {
        const source = {
          topic,
          partition,
          want: () => ({ offset: 0, maxBytes: 1e6 }),
          fetched: ({ batches }: { readonly batches: Buffer }) => {
            fetch.remove(source);
            resolve(batches);
          },
          outOfRange: () => reject(new Error('out of range')),
          failed: reject,
        };
        fetch.add(source);
      }),
    close: () => {
      lane.close();
      fetch.close();
      wire.close();
    },
  };
}
