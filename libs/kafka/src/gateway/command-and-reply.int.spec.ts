import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { commandHeaders, type RawRecord, type Reply } from '#protocol';
import { type TestKafka, testKafka } from '../testing/test-kafka.js';

const patience = { timeout: 15_000, interval: 10 };
const decoder = new TextDecoder();

function reply(commandId: string): Reply {
  return { commandId, workflowId: 'w', ok: true, result: { n: 1 } };
}

describe('commands and replies', () => {
  let kafka: TestKafka;

  beforeEach(async () => {
    kafka = await testKafka(inject('kafkaBrokers'), 4);
  });

  afterEach(() => kafka.close());

  it('puts a command with its headers on the partition asked for, confirmed', async () => {
    const producer = kafka.connection.commandProducer();
    const headers = { [commandHeaders.replyTopic]: 'x.replies', [commandHeaders.correlationId]: 'c1' };
    const outcomes = await Promise.all(['a', 'b', 'c'].map((value) => producer.send({ key: 'w', partition: 2, value, headers })));
    expect(outcomes).toEqual([0, 1, 2].map((offset) => ({ status: 'durable', offset })));
    const seen: RawRecord[] = [];
    kafka.connection.commandLog().subscribe(2, 0, { records: (records) => void seen.push(...records), outOfRange: () => undefined });
    await vi.waitFor(() => expect(seen.map(({ value }) => decoder.decode(value ?? undefined))).toEqual(['a', 'b', 'c']), patience);
    expect(decoder.decode(seen[0]?.key ?? undefined)).toBe('w');
    expect(decoder.decode(seen[0]?.headers[commandHeaders.correlationId])).toBe('c1');
  });

  it('says so when a command is larger than a batch may be', async () => {
    const command = { key: 'w', partition: 0, value: 'x'.repeat(3_000_000), headers: {} };
    expect(await kafka.connection.commandProducer().send(command)).toMatchObject({ status: 'notWritten', code: 'BATCH_TOO_LARGE' });
  });

  it('brings replies to the reader of their partition, from its start on and not from before', async () => {
    const topic = kafka.connection.topics.replies;
    const sink = kafka.connection.replySink([]);
    sink.send({ topic, partition: 3, correlationId: 'early' }, reply('early'));
    await vi.waitFor(async () => expect(await endOf(topic, 3)).toBe(1), patience);
    const reader = kafka.another('millrace-gateway').replyReader(3);
    const seen: [string, Reply][] = [];
    reader.onReply((correlationId, answer) => seen.push([correlationId, answer]));
    await reader.start();
    for (const id of ['r1', 'r2', 'r3']) sink.send({ topic, partition: 3, correlationId: id }, reply(id));
    await vi.waitFor(() => expect(seen).toEqual(['r1', 'r2', 'r3'].map((id) => [id, reply(id)])), patience);
  });

  it('loses only the replies of a topic that fails or is not allowed', async () => {
    const own = kafka.connection.topics.replies;
    const mine = `${kafka.settings.topicPrefix}.replies.mine`;
    await kafka.connection.admin().createTopics({ topics: [{ topic: mine, numPartitions: 1 }], waitForLeaders: true });
    const sink = kafka.connection.replySink([`${own}*`]);
    sink.send({ topic: `${own}.missing`, correlationId: 'a' }, reply('a'));
    sink.send({ topic: 'somewhere.else', correlationId: 'b' }, reply('b'));
    sink.send({ topic: kafka.connection.topics.events, correlationId: 'c' }, reply('c'));
    sink.send({ topic: mine, correlationId: 'd' }, reply('d'));
    sink.send({ topic: own, partition: 1, correlationId: 'e' }, reply('e'));
    await vi.waitFor(async () => expect(await endOf(own, 1)).toBe(1), patience);
    await vi.waitFor(async () => expect(await endOf(mine, 0)).toBe(1), patience);
    expect((await kafka.connection.partitionLog().read(0, 0)).highWatermark).toBe(0);
  });

  async function endOf(topic: string, partition: number): Promise<number> {
    const offsets = await kafka.connection.admin().fetchTopicOffsets(topic);
    return Number(offsets.find((each) => each.partition === partition)?.high);
  }
});
