import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { type PlainRecord, plainRecord } from '../cluster/log-reader.js';
import { until } from './until.js';

/** A record of the event log, as far as it matters here. `at`: the broker's time, epoch milliseconds. */
export interface TailRecord {
  readonly partition: number;
  readonly at: number;
  readonly type: string;
  readonly epoch: string;
  /** `workflowId/executionId`. */
  readonly entity: string;
}

/** Follows the event log with a plain consumer: who fenced which partition, and what was written under which epoch. */
export class EventTail {
  readonly records: TailRecord[] = [];
  /** The instance of the latest fence, by partition. */
  readonly owners = new Map<number, string>();
  readonly fences: { readonly partition: number; readonly at: number; readonly instance: string; readonly epoch: string }[] = [];

  private constructor(private readonly consumer: Consumer) {}

  static async start(broker: string): Promise<EventTail> {
    const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, clientId: 'bench-tail' });
    const consumer = kafka.consumer({ groupId: `bench-tail-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 50 });
    const tail = new EventTail(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic: 'workflow.events', fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) tail.#take(batch.partition, plainRecord(message));
      },
    });
    await until('the first fence is read', () => tail.fences.length > 0 || undefined, { withinMs: 30_000 });
    return tail;
  }

  /** Drops what is behind, so that a long run stays small. */
  forgetBefore(at: number): void {
    const from = this.records.findIndex((record) => record.at >= at);
    this.records.splice(0, from < 0 ? this.records.length : from);
  }

  stop(): Promise<void> {
    return this.consumer.disconnect();
  }

  #take(partition: number, { offset, timestamp: at, key, value, headers }: PlainRecord): void {
    const { type = '', epoch = '' } = headers;
    if (type === 'OwnerFenced') {
      const { instance } = JSON.parse(value ?? '{}') as { instance: string };
      this.owners.set(partition, instance);
      this.fences.push({ partition, at, instance, epoch: `${offset}.${epoch}` });
    } else if (!key.startsWith('!')) {
      // neither answers nor a fact of the partition
      this.records.push({ partition, at, type, epoch, entity: key.split('/').slice(0, 2).join('/') });
    }
  }
}
