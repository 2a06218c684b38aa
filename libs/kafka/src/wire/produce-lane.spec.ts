import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeBatches } from './batch-decoder.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { kafkaErrors } from './error-codes.js';
import type { ProduceWire } from './flight.js';
import type { WireRequest } from './kafkajs-internals.js';
import { ProduceLane } from './produce-lane.js';

/** What a fake broker does with one request: a code per partition in order, or trouble on the way. */
type Step = { readonly codes: readonly number[] } | 'cutBefore' | 'cutAfter';

/** A broker that speaks produce v7 and keeps what it was sent. */
class FakeBroker implements ProduceWire {
  readonly logs = new Map<number, string[]>();
  readonly requests: string[][] = [];
  refreshes = 0;
  drops = 0;
  leader: number | undefined = 1;
  answering = true;
  readonly #steps: Step[];
  readonly #held: (() => void)[] = [];

  constructor(steps: readonly Step[] = []) {
    this.#steps = [...steps];
  }

  leaderOf(): number | undefined {
    return this.leader;
  }

  partitionsOf(): number {
    return this.leader === undefined ? 0 : 4;
  }

  async refresh(): Promise<void> {
    this.refreshes += 1;
  }

  drop(): void {
    this.drops += 1;
  }

  async send<T>(_nodeId: number, request: WireRequest<T>): Promise<T> {
    const step = this.#steps.shift() ?? { codes: [] };
    if (step === 'cutBefore') throw new Error('connection refused');
    const { buffer } = await request.request.encode();
    const answer = this.#append(buffer, step === 'cutAfter' ? [] : step.codes);
    if (step === 'cutAfter') throw new Error('connection lost');
    if (!this.answering) await new Promise<void>((resolve) => this.#held.push(resolve));
    return request.response.decode(answer);
  }

  answer(): void {
    this.answering = true;
    for (const go of this.#held.splice(0)) go();
  }

  #append(body: Buffer, codes: readonly number[]): Buffer {
    const reader = new ByteReader(body);
    reader.string();
    reader.offset += 2 + 4;
    const writer = new ByteWriter();
    const keys: string[] = [];
    let index = 0;
    const topics = reader.array(() => {
      const topic = reader.string();
      const parts = reader.array(() => this.#appendPart(reader, codes[index++] ?? 0, keys));
      return { topic, parts };
    });
    this.requests.push(keys);
    writer.int32(topics.length);
    for (const { topic, parts } of topics) {
      writer.string(topic).int32(parts.length);
      for (const { partition, code, base } of parts) writer.int32(partition).int16(code).int64(base).int64(7).int64(0);
    }
    return writer.int32(0).bytes();
  }

  #appendPart(reader: ByteReader, code: number, keys: string[]): { partition: number; code: number; base: number } {
    const partition = reader.int32();
    const bytes = reader.bytes(reader.int32()) ?? Buffer.alloc(0);
    const batch = decodeBatches(bytes, 0).records.map(({ key }) => Buffer.from(key ?? []).toString());
    keys.push(...batch);
    if (code !== 0) return { partition, code, base: -1 };
    const log = this.logs.get(partition) ?? [];
    this.logs.set(partition, log);
    return { partition, code, base: log.push(...batch) - batch.length };
  }
}

function lane(broker: FakeBroker, merge = false, timeoutMs = 5_000): ProduceLane {
  return new ProduceLane(broker, { acks: -1, timeoutMs, merge, maxBatchBytes: 10_000, maxQueuedBytes: 100_000, log: () => undefined });
}

const record = (key: string) => ({ key, value: Buffer.from('{}'), headers: {} });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    codes: fc.array(fc.constantFrom(0, 0, 0, kafkaErrors.notLeader, kafkaErrors.messageTooLarge, kafkaErrors.notEnoughReplicas, 7), {
      maxLength: 4,
    }),
  }),
  fc.constantFrom<Step>('cutBefore', 'cutAfter'),
);

describe('ProduceLane', () => {
  it('writes every send at most once, and what it says of it is true, whatever the broker does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (steps, partitions, merge) => {
          const broker = new FakeBroker(steps);
          const producer = lane(broker, merge);
          const sends = partitions.map((partition, index) => ({ partition, key: `k${index}` }));
          const outcomes = await Promise.all(
            sends.map(({ partition, key }) => producer.send('t', partition, [record(key), record(`${key}b`)])),
          );
          for (const [index, { partition, key }] of sends.entries()) {
            const outcome = outcomes[index];
            const log = broker.logs.get(partition) ?? [];
            const copies = log.filter((each) => each === key).length;
            expect(broker.requests.flat().filter((each) => each === key).length).toBeLessThanOrEqual(1); // L4
            if (outcome?.status === 'notWritten') expect(copies).toBe(0);
            if (outcome?.status === 'appended') expect([log[outcome.baseOffset], log[outcome.baseOffset + 1]]).toEqual([key, `${key}b`]);
            expect(copies).toBeLessThanOrEqual(1);
          }
          producer.close();
        },
      ),
    );
  });

  it('keeps the order of one partition’s sends', async () => {
    for (const merge of [true, false]) {
      const broker = new FakeBroker();
      const producer = lane(broker, merge);
      await Promise.all(Array.from({ length: 20 }, (_, index) => producer.send('t', 2, [record(`k${index}`)])));
      expect(broker.logs.get(2)).toEqual(Array.from({ length: 20 }, (_, index) => `k${index}`));
    }
  });

  it('has one request in flight per leader and gathers what comes meanwhile', async () => {
    const broker = new FakeBroker();
    broker.answering = false;
    const producer = lane(broker);
    const first = producer.send('t', 0, [record('a')]);
    await vi.waitFor(() => expect(broker.requests).toEqual([['a']]));
    const rest = [1, 2, 3].map((partition) => producer.send('t', partition, [record(`p${partition}`)]));
    await new Promise((resolve) => setImmediate(resolve));
    expect(broker.requests).toEqual([['a']]);
    broker.answer();
    await Promise.all([first, ...rest]);
    expect(broker.requests).toEqual([['a'], ['p1', 'p2', 'p3']]);
  });

  it('does not know what became of a request that a deposed leader answered, and asks who leads now', async () => {
    const broker = new FakeBroker([{ codes: [kafkaErrors.notLeader] }]);
    const producer = lane(broker);
    expect(await producer.send('t', 0, [record('a')])).toMatchObject({ status: 'unknown' });
    await vi.waitFor(() => expect(broker.refreshes).toBe(1));
  });

  it('says that nothing was written when no leader was found in time', async () => {
    const broker = new FakeBroker();
    broker.leader = undefined;
    const producer = lane(broker, false, 60);
    expect(await producer.send('t', 0, [record('a')])).toMatchObject({ status: 'notWritten', code: 'NOT_SENT_IN_TIME' });
    expect(broker.requests).toEqual([]);
    producer.close();
  });

  it('waits for a leader and then sends', async () => {
    const broker = new FakeBroker();
    broker.leader = undefined;
    vi.spyOn(broker, 'refresh').mockImplementation(async () => {
      broker.leader = 1;
    });
    const producer = lane(broker);
    expect(await producer.send('t', 0, [record('a')])).toMatchObject({ status: 'appended', baseOffset: 0, timestamp: 7 });
  });

  it('does not know what became of a request without an answer, and drops the connection', async () => {
    const broker = new FakeBroker();
    broker.answering = false;
    const producer = lane(broker, false, 60);
    expect(await producer.send('t', 0, [record('a')])).toMatchObject({ status: 'unknown', code: 'TIMED_OUT' });
    await vi.waitFor(() => expect(broker.drops).toBe(1));
    broker.answering = true;
    expect(await producer.send('t', 0, [record('b')])).toMatchObject({ status: 'appended' });
  });

  it('refuses what is too large, what passes its queue, and what comes after its end', async () => {
    const broker = new FakeBroker();
    const producer = lane(broker);
    const big = { key: 'k', value: Buffer.alloc(9_000), headers: {} };
    expect(await producer.send('t', 0, [big, big])).toMatchObject({ status: 'notWritten', tooLarge: true });
    const outcomes = await Promise.all(Array.from({ length: 15 }, (_, partition) => producer.send('t', partition, [big])));
    expect(outcomes.filter((outcome) => outcome.status === 'notWritten' && outcome.code === 'QUEUE_FULL').length).toBe(4);
    expect(await producer.send('t', 0, [big])).toMatchObject({ status: 'appended' });
    producer.close();
    expect(await producer.send('t', 0, [record('a')])).toMatchObject({ status: 'notWritten', code: 'CLOSED' });
  });
});
