import { CompressionTypes, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { outsider } from '../testing/outsider.js';
import { type TestKafka, testKafka } from '../testing/test-kafka.js';
import { decodeBatches } from '../wire/batch-decoder.js';

const patience = { timeout: 15_000, interval: 10 };
const decoder = new TextDecoder();
const attributesPosition = 21;
const codecMask = 0x07;

describe('commands of other people’s producers', () => {
  let kafka: TestKafka;
  let producer: Producer;

  beforeEach(async () => {
    const brokers = inject('kafkaBrokers');
    kafka = await testKafka(brokers, 1);
    const client = new Kafka({ brokers: [brokers], clientId: 'somebody', logLevel: logLevel.NOTHING });
    const transactionalId = `${kafka.settings.topicPrefix}-transactions`;
    producer = client.producer({ transactionalId, createPartitioner: Partitioners.DefaultPartitioner, maxInFlightRequests: 1 });
    await producer.connect();
  });

  afterEach(async () => {
    await producer.disconnect();
    await kafka.close();
  });

  it('arrive from committed transactions only, in order, whatever stands between them', async () => {
    await inTransaction('first', 'commit');
    await inTransaction('never', 'abort');
    await inTransaction('second', 'commit');
    const seen: string[] = [];
    let next = 0;
    kafka.connection.commandLog().subscribe(0, 0, {
      records: (records, nextOffset) => {
        seen.push(...records.map(({ value }) => decoder.decode(value ?? undefined)));
        next = nextOffset;
      },
      outOfRange: () => undefined,
    });
    await vi.waitFor(() => expect(next).toBe(6), patience); // three records and three markers
    expect(seen).toEqual(['first', 'second']);
  });

  it('are stored uncompressed, so that every codec can be read', async () => {
    await inTransaction('compressed', 'commit', CompressionTypes.GZIP);
    const outside = outsider(kafka);
    const batches = await outside.rawBatches(kafka.connection.topics.commands, 0);
    outside.close();
    expect(batches.readInt16BE(attributesPosition) & codecMask).toBe(0);
    expect(decodeBatches(batches, 0).records.map(({ value }) => decoder.decode(value ?? undefined))).toEqual(['compressed']);
  });

  async function inTransaction(value: string, end: 'commit' | 'abort', compression = CompressionTypes.None): Promise<void> {
    const transaction = await producer.transaction();
    await transaction.send({ topic: kafka.connection.topics.commands, compression, messages: [{ key: 'w', value }] });
    await transaction[end]();
  }
});
