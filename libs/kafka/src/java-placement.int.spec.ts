import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { partitionOf } from '#protocol';
import { kafkaJars } from '#testing/embedded';
import { type TestKafka, testKafka } from './testing/test-kafka.js';

/** Any Unicode text but what separates keys on the tool's standard input. */
const anyKey = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((key) => !/[\t\r\n]/.test(key));
const asciiKey = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 128 }).filter((key) => !/[\t\r\n]/.test(key));
const chosen = ['Ärzte-3', 'заказ:42', '注文.7', '😀', 'e\u0301 is not \u00e9', '\u{10ffff}', 'a', 'ab', 'abc', 'abcd', ' ', '\u0000'];

describe('the partition of a key', () => {
  let kafka: TestKafka;

  afterEach(() => kafka.close());

  it.each([7, 32])('is the one that Java’s own producer chooses, of %i', async (partitions) => {
    kafka = await testKafka(inject('kafkaBrokers'), partitions);
    const topic = kafka.connection.topics.commands;
    const keys = [...new Set([...chosen, ...fc.sample(anyKey, 1_500), ...fc.sample(asciiKey, 1_500)])];
    await produceWithJava(topic, keys);
    const landed = await readBack(topic, keys.length);
    const expected = new Map(keys.map((key) => [key, partitionOf(key, partitions)]));
    expect(landed).toEqual(expected);
  });

  /** Kafka's console producer: the Java client with its default partitioner. */
  async function produceWithJava(topic: string, keys: readonly string[]): Promise<void> {
    const jars = join(await kafkaJars(), '*');
    const reader = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=\t'];
    const tool = ['org.apache.kafka.tools.ConsoleProducer', '--bootstrap-server', inject('kafkaBrokers'), '--topic', topic, ...reader];
    const [program, ...args] = ['java', '-XX:TieredStopAtLevel=1', '-cp', jars, ...tool] as const;
    const java = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let trouble = '';
    java.stderr.on('data', (chunk: Buffer) => {
      trouble += chunk.toString('utf8');
    });
    java.stdin.end(keys.map((key) => `${key}\tx\n`).join(''));
    const [code] = await once(java, 'exit');
    expect(code, trouble).toBe(0);
  }

  async function readBack(topic: string, count: number): Promise<Map<string, number>> {
    const client = new Kafka({ brokers: [inject('kafkaBrokers')], clientId: 'reader', logLevel: logLevel.NOTHING });
    const consumer = client.consumer({ groupId: `${topic}-reader` });
    const landed = new Map<string, number>();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        landed.set(message.key?.toString('utf8') ?? '', partition);
      },
    });
    try {
      await vi.waitFor(() => expect(landed.size).toBe(count), { timeout: 30_000, interval: 50 });
    } finally {
      await consumer.disconnect();
    }
    return landed;
  }
});
