import { Kafka, logLevel } from 'kafkajs';

/** A record as any Kafka client sees it. */
export interface PlainRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string | null;
  /** The broker's time, epoch milliseconds. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads every record of a topic up to its present end with a plain consumer; shares no code with the engine. */
export async function readTopic(broker: string, topic: string): Promise<Map<number, PlainRecord[]>> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, clientId: 'log-checker' });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const records = new Map(ends.map(({ partition }) => [partition, [] as PlainRecord[]]));
  const open = new Map(ends.filter(({ high, low }) => high !== low).map(({ partition, high }) => [partition, Number(high)]));
  if (open.size > 0) await consume(kafka, topic, open, records);
  return records;
}

async function consume(kafka: Kafka, topic: string, open: Map<number, number>, records: Map<number, PlainRecord[]>): Promise<void> {
  const consumer = kafka.consumer({ groupId: `log-checker-${process.pid}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) records.get(batch.partition)?.push(plainRecord(message));
        if (Number(batch.lastOffset()) + 1 >= (open.get(batch.partition) ?? 0)) open.delete(batch.partition);
        if (open.size === 0) resolve();
      },
    });
    run.catch(reject);
  });
  await consumer.disconnect();
}

/** A record as any client sees it. */
export function plainRecord(message: {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, unknown> | undefined;
}): PlainRecord {
  const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]));
  return {
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key?.toString() ?? '',
    value: message.value?.toString() ?? null,
    headers,
  };
}
