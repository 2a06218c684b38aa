import { setTimeout as delay } from 'node:timers/promises';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { plainRecord } from '../../cluster/log-reader.js';
import type { History } from './history.js';

const topic = 'workflow.events';

/** Follows the event log with an ordinary consumer, whatever happens to the broker, and feeds a history. */
export class LogFollower {
  #consumer: Consumer | undefined;
  #stopped = false;
  #starts = 0;
  readonly #loop: Promise<void>;

  constructor(
    private readonly brokers: string,
    readonly history: History,
  ) {
    this.#loop = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  /** A consumer that crashed is replaced; what it had read is passed by. */
  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#consumeUntilTrouble();
      } catch {
        await delay(500); // the broker is away: that is what this run is about
      } finally {
        await this.#consumer?.disconnect().catch(() => undefined);
      }
    }
  }

  async #consumeUntilTrouble(): Promise<void> {
    this.#starts += 1;
    const kafka = new Kafka({ brokers: [this.brokers], clientId: 'chaos-checker', logLevel: logLevel.NOTHING, retry: { retries: 3 } });
    const consumer = kafka.consumer({
      groupId: `chaos-checker-${process.pid}-${this.#starts}`,
      maxWaitTimeInMs: 200,
      retry: { retries: 3 },
    });
    this.#consumer = consumer;
    let trouble: Error | undefined;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      trouble = payload.error;
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) this.history.take(batch.partition, plainRecord(message));
      },
    });
    while (!this.#stopped && trouble === undefined) await delay(100);
  }
}
