import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeBatches } from './batch-decoder.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { kafkaErrors } from './error-codes.js';
import { FetchLane, type FetchSource, type FetchWire } from './fetch-lane.js';
import type { FetchedPart } from './fetch-request.js';
import type { WireRequest } from './kafkajs-internals.js';
import { encodeRecordBatch } from './record-batch.js';

const fetchApi = 1;
const waitMs = 5;

/** Brokers 1 and 2 that speak fetch v11 and list-offsets v2; a partition is only served by its true leader. */
class FakeCluster implements FetchWire {
  readonly logs = new Map<number, string[]>();
  readonly rounds: { node: number; partitions: number[] }[] = [];
  /** What the client believes, and how it is. */
  readonly known = new Map<number, number>();
  readonly truth = new Map<number, number>();
  refreshes = 0;
  drops = 0;
  failing = 0;

  leaderOf(_topic: string, partition: number): number | undefined {
    return this.known.get(partition);
  }

  async refresh(): Promise<void> {
    this.refreshes += 1;
    for (const [partition, leader] of this.truth) this.known.set(partition, leader);
  }

  drop(): void {
    this.drops += 1;
  }

  async send<T>(node: number, request: WireRequest<T>): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.failing > 0) {
      this.failing -= 1;
      throw new Error('connection lost');
    }
    const { buffer } = await request.request.encode();
    return request.response.decode(request.request.apiKey === fetchApi ? this.#fetch(node, buffer) : this.#offsets(buffer));
  }

  #fetch(node: number, body: Buffer): Buffer {
    const reader = new ByteReader(body, 4 + 4 + 4 + 4 + 1 + 4 + 4);
    const partitions: number[] = [];
    const writer = new ByteWriter().int32(0).int16(0).int32(0);
    writer.int32(reader.int32()).string(reader.string());
    const count = reader.int32();
    writer.int32(count);
    for (let index = 0; index < count; index += 1) {
      const partition = reader.int32();
      reader.int32();
      const offset = reader.int64();
      reader.offset += 12;
      partitions.push(partition);
      this.#part(writer, { node, partition, offset });
    }
    this.rounds.push({ node, partitions });
    return writer.bytes();
  }

  #part(writer: ByteWriter, { node, partition, offset }: { node: number; partition: number; offset: number }): void {
    const log = this.logs.get(partition) ?? [];
    const code = this.truth.get(partition) !== node ? kafkaErrors.notLeader : offset > log.length ? kafkaErrors.offsetOutOfRange : 0;
    writer.int32(partition).int16(code).int64(log.length).int64(log.length).int64(0).int32(0).int32(-1);
    const batch =
      code === 0 && offset < log.length ? encodeRecordBatch([{ key: log[offset] ?? '', value: null, headers: {} }], 1) : Buffer.alloc(0);
    if (batch.length > 0) batch.writeBigInt64BE(BigInt(offset), 0);
    writer.int32(batch.length).raw(batch);
  }

  #offsets(body: Buffer): Buffer {
    const reader = new ByteReader(body, 4 + 1 + 4);
    const topic = reader.string();
    reader.offset += 4;
    const partition = reader.int32();
    const offset = reader.int64() === -2 ? 0 : (this.logs.get(partition)?.length ?? 0);
    return new ByteWriter().int32(0).int32(1).string(topic).int32(1).int32(partition).int16(0).int64(-1).int64(offset).bytes();
  }
}

class Source implements FetchSource {
  readonly topic = 't';
  readonly seen: string[] = [];
  readonly ranges: (readonly [number, number])[] = [];
  failures = 0;
  paused = false;
  offset = 0;

  constructor(readonly partition: number) {}

  want(): { offset: number; maxBytes: number } | undefined {
    return this.paused || this.ranges.length > 0 ? undefined : { offset: this.offset, maxBytes: 1000 };
  }

  fetched(part: FetchedPart): void {
    const { records, nextOffset } = decodeBatches(part.batches, this.offset);
    this.offset = nextOffset;
    this.seen.push(...records.map(({ key }) => Buffer.from(key ?? []).toString()));
  }

  outOfRange(logStart: number, highWatermark: number): void {
    this.ranges.push([logStart, highWatermark]);
  }

  failed(): void {
    this.failures += 1;
  }
}

describe('FetchLane', () => {
  let lane: FetchLane;
  afterEach(() => lane.close());

  function cluster(leaders: readonly number[]): FakeCluster {
    const fake = new FakeCluster();
    for (const [partition, leader] of leaders.entries()) {
      fake.truth.set(partition, leader);
      fake.logs.set(partition, [`${partition}a`, `${partition}b`, `${partition}c`]);
    }
    lane = new FetchLane(fake, { maxWaitMs: waitMs, maxBytes: 10_000, committedOnly: false, log: () => undefined });
    return fake;
  }

  const all = (partition: number): string[] => ['a', 'b', 'c'].map((letter) => `${partition}${letter}`);

  it('finds the leaders and reads every source in order, one request per leader for all of its sources', async () => {
    const fake = cluster([1, 2, 1, 2]);
    const sources = [0, 1, 2, 3].map((partition) => new Source(partition));
    for (const source of sources) lane.add(source);
    await vi.waitFor(() => expect(sources.map(({ seen }) => seen)).toEqual(sources.map(({ partition }) => all(partition))));
    expect(fake.rounds.some(({ node, partitions }) => node === 1 && partitions.length === 2)).toBe(true);
    for (const { node, partitions } of fake.rounds) for (const partition of partitions) expect(fake.truth.get(partition)).toBe(node);
  });

  it('follows a partition to its new leader, losing and repeating nothing', async () => {
    const fake = cluster([1, 1]);
    const sources = [new Source(0), new Source(1)];
    for (const source of sources) lane.add(source);
    await vi.waitFor(() => expect(sources[0]?.seen).toEqual(all(0)));
    fake.truth.set(0, 2);
    fake.logs.get(0)?.push('0d');
    fake.logs.get(1)?.push('1d');
    await vi.waitFor(() =>
      expect(sources.map(({ seen }) => seen)).toEqual([
        [...all(0), '0d'],
        [...all(1), '1d'],
      ]),
    );
    expect(sources[0]?.failures).toBeGreaterThan(0);
  });

  it('leaves out what is paused and takes it up again when woken', async () => {
    const fake = cluster([1, 1]);
    const [held, free] = [new Source(0), new Source(1)];
    held.paused = true;
    lane.add(held);
    lane.add(free);
    await vi.waitFor(() => expect(free.seen).toEqual(all(1)));
    expect(fake.rounds.every(({ partitions }) => !partitions.includes(0))).toBe(true);
    held.paused = false;
    lane.wake();
    await vi.waitFor(() => expect(held.seen).toEqual(all(0)));
  });

  it('lets nothing new wait behind a long poll where it has connections for that', async () => {
    const slow = cluster([1, 1]);
    const quick = new FakeCluster();
    for (const [partition, log] of slow.logs) quick.logs.set(partition, log);
    for (const partition of slow.logs.keys()) quick.truth.set(partition, 1);
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const send = slow.send.bind(slow);
    slow.send = (node, request) => (slow.rounds.length < 2 ? send(node, request) : held.then(() => send(node, request)));
    lane = new FetchLane(slow, { maxWaitMs: waitMs, maxBytes: 10_000, committedOnly: false, log: () => undefined }, quick);
    const waiting = new Source(0);
    waiting.offset = 3;
    lane.add(waiting); // at its end: its poll is under way
    await vi.waitFor(() => expect(slow.rounds.length).toBe(2));
    const late = new Source(1);
    lane.add(late);
    await vi.waitFor(() => expect(late.seen).toEqual(all(1)));
    expect(await lane.bounds('t', 1)).toEqual({ logStart: 0, highWatermark: 3 });
    expect(slow.rounds.length).toBe(2);
    await vi.waitFor(() => expect(quick.rounds.at(-1)?.partitions).toEqual([1]));
    const asked = quick.rounds.length;
    slow.logs.get(0)?.push('0d');
    slow.logs.get(1)?.push('1d');
    answer(); // from its end on the late one polls with the other
    await vi.waitFor(() => expect([waiting.seen, late.seen]).toEqual([['0d'], [...all(1), '1d']]));
    expect(quick.rounds.length).toBeLessThanOrEqual(asked + 1);
  });

  it('rests while all that is left is being asked for already', async () => {
    const slow = cluster([1, 1]);
    const quick = new FakeCluster();
    for (const [partition, log] of slow.logs) quick.logs.set(partition, log);
    for (const partition of slow.logs.keys()) quick.truth.set(partition, 1);
    let answerQuick: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answerQuick = resolve));
    const sendQuick = quick.send.bind(quick);
    quick.send = (node, request) => held.then(() => sendQuick(node, request));
    lane = new FetchLane(slow, { maxWaitMs: waitMs, maxBytes: 10_000, committedOnly: false, log: () => undefined }, quick);
    const [gone, late] = [new Source(0), new Source(1)];
    lane.add(gone);
    lane.add(late); // asked for beside the round under way
    await vi.waitFor(() => expect(gone.seen).toEqual(all(0)));
    lane.remove(gone);
    const turns: number[] = [];
    while (turns.length < 20) turns.push(await new Promise((resolve) => setTimeout(() => resolve(1), 1)));
    answerQuick();
    await vi.waitFor(() => expect(late.seen).toEqual(all(1)));
  });

  it('asks a leader for nothing when nobody wants anything from it', async () => {
    const fake = cluster([1, 2]);
    const [gone, witness] = [new Source(0), new Source(1)];
    lane.add(gone);
    lane.add(witness);
    await vi.waitFor(() => expect([gone.seen, witness.seen]).toEqual([all(0), all(1)]));
    lane.remove(gone);
    const rounds = (node: number): number => fake.rounds.filter((round) => round.node === node).length;
    const [idle, busy] = [rounds(1), rounds(2)];
    await vi.waitFor(() => expect(rounds(2)).toBeGreaterThan(busy + 5));
    expect(rounds(1)).toBeLessThanOrEqual(idle + 1);
  });

  it('tells the bounds once when an offset is outside the log', async () => {
    cluster([1]);
    const source = new Source(0);
    source.offset = 17;
    lane.add(source);
    await vi.waitFor(() => expect(source.ranges).toEqual([[0, 3]]));
    expect(source.seen).toEqual([]);
  });

  it('drops a broken connection, says so, and goes on', async () => {
    const fake = cluster([1]);
    const source = new Source(0);
    fake.failing = 3;
    lane.add(source);
    await vi.waitFor(() => expect(source.seen).toEqual(all(0)), { timeout: 5_000 });
    expect(fake.drops).toBe(3);
    expect(source.failures).toBe(3);
  });
});
