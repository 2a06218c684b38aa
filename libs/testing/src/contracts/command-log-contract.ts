import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RawRecord } from '#protocol';
import type { CommandListener, CommandLog } from '#runtime';

export interface CommandLogSubject {
  readonly commands: CommandLog;
  /** Two partitions that nobody has written to. */
  readonly partition: number;
  readonly otherPartition: number;
  /** Writes to a partition as an outside producer does. */
  produce(
    partition: number,
    record: { readonly key: string | null; readonly value: string | null; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<void>;
  /** What stands on the topic of rejected commands. */
  rejected(): Promise<readonly { readonly partition: number; readonly offset: number; readonly code: string; readonly message: string }[]>;
  close(): Promise<void>;
}

const decoder = new TextDecoder();
const patience = { timeout: 15_000, interval: 5 };

class Listener implements CommandListener {
  readonly seen: RawRecord[] = [];
  nextOffset = -1;
  range: readonly [number, number] | undefined;

  records(records: readonly RawRecord[], nextOffset: number): void {
    this.seen.push(...records);
    this.nextOffset = nextOffset;
  }

  outOfRange(logStart: number, highWatermark: number): void {
    this.range = [logStart, highWatermark];
  }

  get values(): (string | null)[] {
    return this.seen.map(({ value }) => (value === null ? null : decoder.decode(value)));
  }
}

/** What every CommandLog must do; run against each adapter and its in-memory twin. */
export function commandLogContract(name: string, makeSubject: () => Promise<CommandLogSubject>): void {
  describe(`${name} as a CommandLog`, () => {
    let subject: CommandLogSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    const produce = async (...values: string[]): Promise<void> => {
      for (const value of values) await subject.produce(subject.partition, { key: 'w', value });
    };
    const received = (listener: Listener, ...values: (string | null)[]): Promise<void> =>
      vi.waitFor(() => expect(listener.values).toEqual(values), patience);

    it('delivers every record from the offset on, in order, none twice', async () => {
      await produce('a', 'b', 'c');
      const listener = new Listener();
      const subscription = subject.commands.subscribe(subject.partition, 1, listener);
      await received(listener, 'b', 'c');
      await produce('d');
      await received(listener, 'b', 'c', 'd');
      expect(listener.seen.map(({ offset }) => offset)).toEqual([1, 2, 3]);
      expect(listener.nextOffset).toBe(4);
      expect(subscription.highWatermark).toBe(4);
      subscription.close();
    });

    it('delivers missing keys and values as null, and headers as bytes', async () => {
      await subject.produce(subject.partition, { key: null, value: null, headers: { 'reply-topic': 'workflow.replies' } });
      const listener = new Listener();
      const subscription = subject.commands.subscribe(subject.partition, 0, listener);
      await received(listener, null);
      expect(listener.seen[0]?.key).toBeNull();
      expect(decoder.decode(listener.seen[0]?.headers['reply-topic'])).toBe('workflow.replies');
      subscription.close();
    });

    it('holds back while paused and loses nothing', async () => {
      const listener = new Listener();
      const subscription = subject.commands.subscribe(subject.partition, 0, listener);
      await produce('a');
      await received(listener, 'a');
      subscription.pause();
      await produce('b', 'c');
      const witness = new Listener();
      const other = subject.commands.subscribe(subject.partition, 0, witness);
      await received(witness, 'a', 'b', 'c');
      expect(listener.values).toEqual(['a']);
      subscription.resume();
      await received(listener, 'a', 'b', 'c');
      subscription.close();
      other.close();
    });

    it('delivers nothing once closed', async () => {
      const listener = new Listener();
      const subscription = subject.commands.subscribe(subject.partition, 0, listener);
      subscription.close();
      await produce('a');
      const witness = new Listener();
      const other = subject.commands.subscribe(subject.partition, 0, witness);
      await received(witness, 'a');
      expect(listener.values).toEqual([]);
      other.close();
    });

    it('says so when the offset lies outside the topic, and resets nothing', async () => {
      await produce('a');
      const listener = new Listener();
      subject.commands.subscribe(subject.partition, 17, listener);
      await vi.waitFor(() => expect(listener.range).toEqual([0, 1]), patience);
      expect(listener.values).toEqual([]);
    });

    it('tells the bounds of a partition', async () => {
      expect(await subject.commands.bounds(subject.partition)).toEqual({ logStart: 0, highWatermark: 0 });
      await produce('a', 'b');
      expect(await subject.commands.bounds(subject.partition)).toEqual({ logStart: 0, highWatermark: 2 });
    });

    it('forwards a command with its key, bytes and headers', async () => {
      await subject.produce(subject.partition, { key: 'w7', value: '{"odd":  1}', headers: { 'correlation-id': 'c-1' } });
      const source = new Listener();
      const first = subject.commands.subscribe(subject.partition, 0, source);
      await received(source, '{"odd":  1}');
      for (const record of source.seen) await subject.commands.forward(record, subject.partition, subject.otherPartition);
      const target = new Listener();
      const second = subject.commands.subscribe(subject.otherPartition, 0, target);
      await received(target, '{"odd":  1}');
      expect(decoder.decode(target.seen[0]?.key ?? new Uint8Array())).toBe('w7');
      expect(decoder.decode(target.seen[0]?.headers['correlation-id'])).toBe('c-1');
      first.close();
      second.close();
    });

    it("writes an engine's own command to the partition that it names, with its headers", async () => {
      await subject.commands.send({ key: 'w7', value: '{"own":1}', headers: { route: 'shard' } }, subject.otherPartition);
      const target = new Listener();
      const subscription = subject.commands.subscribe(subject.otherPartition, 0, target);
      await received(target, '{"own":1}');
      expect(decoder.decode(target.seen[0]?.key ?? new Uint8Array())).toBe('w7');
      expect(decoder.decode(target.seen[0]?.headers.route)).toBe('shard');
      subscription.close();
    });

    it('puts a rejected command aside with its reason and origin', async () => {
      await produce('{', 'x');
      const listener = new Listener();
      const subscription = subject.commands.subscribe(subject.partition, 0, listener);
      await received(listener, '{', 'x');
      const [, poison] = listener.seen;
      if (poison === undefined) throw new Error('nothing delivered');
      await subject.commands.reject({ record: poison, partition: subject.partition, code: 'MALFORMED', message: 'not JSON' });
      expect(await subject.rejected()).toContainEqual({
        partition: subject.partition,
        offset: 1,
        code: 'MALFORMED',
        message: 'not JSON',
      });
      subscription.close();
    });
  });
}
