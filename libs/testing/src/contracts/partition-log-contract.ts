import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRecord, StoredRecord } from '#protocol';
import type { PartitionLog } from '#runtime';

export interface PartitionLogSubject {
  readonly log: PartitionLog;
  /** Two partitions that nobody has written to. */
  readonly partition: number;
  readonly otherPartition: number;
  /** The largest batch that the broker takes, bytes. */
  readonly maxBatchBytes: number;
  close(): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function record(key: string, value = `value of ${key}`, headers: Readonly<Record<string, string>> = { type: 'Test' }): LogRecord {
  return { key, value: encoder.encode(value), headers };
}

/** What every PartitionLog must do; run against each adapter and its in-memory twin. */
export function partitionLogContract(name: string, makeSubject: () => Promise<PartitionLogSubject>): void {
  describe(`${name} as a PartitionLog`, () => {
    let subject: PartitionLogSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    async function append(...records: LogRecord[]): Promise<number> {
      const outcome = await subject.log.append(subject.partition, records);
      if (outcome.status !== 'appended') throw new Error(`append: ${outcome.status} ${outcome.code} ${outcome.message}`);
      return outcome.baseOffset;
    }

    async function readAll(from: number): Promise<StoredRecord[]> {
      const all: StoredRecord[] = [];
      for (let next = from, end = from + 1; next < end; ) {
        const outcome = await subject.log.read(subject.partition, next);
        if (outcome.status !== 'read') throw new Error('outside the log');
        all.push(...outcome.records);
        next = outcome.nextOffset;
        end = outcome.highWatermark;
      }
      return all;
    }

    it('gives appends the offsets that follow one another', async () => {
      expect(await append(record('a'))).toBe(0);
      expect(await append(record('b'), record('c'), record('d'))).toBe(1);
      expect(await append(record('e'))).toBe(4);
    });

    it('reads back keys, values, headers, offsets and a plausible broker time', async () => {
      const text = 'Straße 東京 🚂';
      await append(record('w/-/1@0.x', text, { epoch: '0.x', at: '0', note: 'größer' }), record('w/-/2@0.x'));
      const [first, second] = await readAll(0);
      expect(first).toMatchObject({ offset: 0, key: 'w/-/1@0.x', headers: { epoch: '0.x', at: '0', note: 'größer' } });
      expect(decoder.decode(first?.value ?? new Uint8Array())).toBe(text);
      expect(second).toMatchObject({ offset: 1, key: 'w/-/2@0.x' });
      expect(second?.timestamp).toBeGreaterThan(1_600_000_000_000);
    });

    it('answers an append with the time that its records carry', async () => {
      const outcome = await subject.log.append(subject.partition, [record('a')]);
      const [first] = await readAll(0);
      expect(outcome).toMatchObject({ status: 'appended', timestamp: first?.timestamp });
    });

    it('keeps a null value null', async () => {
      await append({ key: 'gone', value: null, headers: {} });
      expect(await readAll(0)).toMatchObject([{ key: 'gone', value: null }]);
    });

    it('reads from any offset, not from the start of its batch', async () => {
      await append(record('a'), record('b'), record('c'), record('d'));
      expect((await readAll(2)).map(({ offset, key }) => [offset, key])).toEqual([
        [2, 'c'],
        [3, 'd'],
      ]);
    });

    it('answers an empty read at the end of the log', async () => {
      await append(record('a'));
      expect(await subject.log.read(subject.partition, 1)).toEqual({
        status: 'read',
        records: [],
        nextOffset: 1,
        highWatermark: 1,
        logStart: 0,
      });
    });

    it('says so when the offset lies beyond the log, and resets nothing', async () => {
      await append(record('a'), record('b'));
      expect(await subject.log.read(subject.partition, 99)).toEqual({ status: 'outOfRange', logStart: 0, highWatermark: 2 });
    });

    it('holds a long poll until a record comes', async () => {
      const held = subject.log.read(subject.partition, 0, { maxWaitMs: 20_000 });
      await append(record('late'));
      expect(await held).toMatchObject({ status: 'read', records: [{ key: 'late' }], nextOffset: 1 });
    });

    it('ends a long poll with nothing when its time is over', async () => {
      expect(await subject.log.read(subject.partition, 0, { maxWaitMs: 30 })).toMatchObject({ status: 'read', records: [], nextOffset: 0 });
    });

    it('makes progress whatever the byte limit', async () => {
      for (const key of ['a', 'b', 'c']) await append(record(key, 'x'.repeat(2000)));
      const keys: string[] = [];
      for (let next = 0; next < 3; ) {
        const outcome = await subject.log.read(subject.partition, next, { maxBytes: 1 });
        if (outcome.status !== 'read') throw new Error('outside the log');
        expect(outcome.nextOffset).toBeGreaterThan(next);
        keys.push(...outcome.records.map((one) => one.key));
        next = outcome.nextOffset;
      }
      expect(keys).toEqual(['a', 'b', 'c']);
    });

    it('refuses a batch that is too large as plainly not written, whole', async () => {
      await append(record('a'));
      const outcome = await subject.log.append(subject.partition, [record('small'), record('big', 'x'.repeat(subject.maxBatchBytes + 1))]);
      expect(outcome).toMatchObject({ status: 'notWritten', tooLarge: true });
      expect(await append(record('b'))).toBe(1);
      expect((await readAll(0)).map((one) => one.key)).toEqual(['a', 'b']);
    });

    it('keeps partitions apart, also where one of two appends at a time fails', async () => {
      const [mine, other] = await Promise.all([
        subject.log.append(subject.partition, [record('mine')]),
        subject.log.append(subject.otherPartition, [record('big', 'x'.repeat(subject.maxBatchBytes + 1))]),
      ]);
      expect(mine).toMatchObject({ status: 'appended', baseOffset: 0 });
      expect(other).toMatchObject({ status: 'notWritten' });
      expect(await subject.log.append(subject.otherPartition, [record('fits')])).toMatchObject({ status: 'appended', baseOffset: 0 });
    });
  });
}
