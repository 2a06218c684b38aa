import { type Consumer, Kafka, logLevel } from 'kafkajs';
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
        for (const message of batch.messages) tail.#take(batch.partition, message);
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

  #take(partition: number, message: Parameters<typeof headersOf>[0]): void {
    const headers = headersOf(message);
    const [type = '', epoch = ''] = [headers.type, headers.epoch];
    const at = Number(message.timestamp);
    if (type === 'OwnerFenced') {
      const { instance } = JSON.parse(message.value?.toString() ?? '{}') as { instance: string };
      this.owners.set(partition, instance);
      this.fences.push({ partition, at, instance, epoch: `${message.offset}.${epoch}` });
    } else if (!message.key?.toString().startsWith('!')) {
      // neither answers nor a fact of the partition
      const entity = message.key?.toString().split('/').slice(0, 2).join('/') ?? '';
      this.records.push({ partition, at, type, epoch, entity });
    }
  }
}

function headersOf(message: { offset: string; timestamp: string; key: Buffer | null; value: Buffer | null; headers?: object }) {
  return Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]));
}
