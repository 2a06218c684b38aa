import { type Admin, type Consumer, type IHeaders, Kafka, logLevel, type Producer } from 'kafkajs';
import { until } from './until.js';

/** A record as it went in or came out, bytes as text. */
export interface Seen {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Somebody who speaks to Millrace by an ordinary Kafka client with its default settings. */
export class PlainKafka {
  readonly #followed = new Map<string, Seen[]>();
  readonly #consumers: Consumer[] = [];

  private constructor(
    readonly kafka: Kafka,
    readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async connect(broker: string): Promise<PlainKafka> {
    const kafka = new Kafka({ brokers: [broker], clientId: 'outsider', logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    const producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    return new PlainKafka(kafka, admin, producer);
  }

  /** Without `partition`, the client's own default partitioner decides. */
  async send(topic: string, message: { key: string | null; value: string | null; partition?: number; headers?: IHeaders }): Promise<void> {
    await this.producer.send({ topic, messages: [message] });
  }

  /** Collects what stands in a topic and what is added to it. */
  async follow(topic: string): Promise<void> {
    const seen: Seen[] = [];
    this.#followed.set(topic, seen);
    const consumer = this.kafka.consumer({ groupId: `outsider-${topic}-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 100 });
    this.#consumers.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]));
        seen.push({ key: message.key?.toString() ?? null, value: message.value?.toString() ?? null, headers });
      },
    });
  }

  /** The first record of a followed topic that fits. */
  seen(topic: string, what: string, fits: (record: Seen) => boolean): Promise<Seen> {
    return until(`${what} on ${topic}`, () => this.#followed.get(topic)?.find(fits));
  }

  /** What a reply says, found by its correlation id. */
  async reply(topic: string, correlationId: string): Promise<Record<string, unknown>> {
    const record = await this.seen(topic, `a reply to ${correlationId}`, ({ headers }) => headers['correlation-id'] === correlationId);
    return JSON.parse(record.value ?? 'null') as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.disconnect()));
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
  }
}
