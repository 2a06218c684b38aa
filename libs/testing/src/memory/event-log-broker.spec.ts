import { describe, expect, it } from 'vitest';
import type { LogRecord } from '#protocol';
import { EventLogBroker, InMemoryPartitionLog, type LogFaults, VirtualClock } from './index.js';

const record = (key: string): LogRecord => ({ key, value: new Uint8Array([1]), headers: {} });
const keysOf = (broker: EventLogBroker): string[] => broker.all(0).map(({ offset, key }) => `${offset}:${key}`);

function brokerWith(...keys: string[]): EventLogBroker {
  const broker = new EventLogBroker(() => 1000);
  for (const key of keys) broker.append(0, [record(key)]);
  return broker;
}

describe('EventLogBroker', () => {
  it('keeps the last record of each key when it compacts, and never touches the last of the log', () => {
    const broker = brokerWith('a', 'b', 'a', 'c', 'b', 'a');
    broker.compact(0);
    expect(keysOf(broker)).toEqual(['2:a', '3:c', '4:b', '5:a']);
  });

  it('compacts only below a limit', () => {
    const broker = brokerWith('a', 'a', 'b', 'a', 'b');
    broker.compact(0, 2);
    expect(keysOf(broker)).toEqual(['1:a', '2:b', '3:a', '4:b']);
  });

  it('reads across the gaps that compaction leaves', () => {
    const broker = brokerWith('a', 'a', 'a', 'b');
    broker.compact(0);
    expect(broker.slice(0, 0)).toMatchObject({ records: [{ offset: 2 }, { offset: 3 }], nextOffset: 4 });
  });

  it('gives the offsets of a lost tail out again', () => {
    const broker = brokerWith('a', 'b', 'c');
    broker.truncate(0, 1);
    expect(broker.append(0, [record('d')]).baseOffset).toBe(1);
    expect(keysOf(broker)).toEqual(['0:a', '1:d']);
    expect(broker.batchStarts(0)).toEqual([0, 1]);
  });

  it('is out of range below a trimmed start', () => {
    const broker = brokerWith('a', 'b', 'c');
    broker.trim(0, 2);
    expect(broker.slice(0, 1)).toBeUndefined();
    expect(broker.slice(0, 2)?.records).toHaveLength(1);
  });
});

describe('InMemoryPartitionLog', () => {
  function logWith(fault: ReturnType<LogFaults['append']>): { log: InMemoryPartitionLog; broker: EventLogBroker; clock: VirtualClock } {
    const clock = new VirtualClock();
    const broker = new EventLogBroker(() => clock.now());
    const faults: LogFaults = { append: () => fault, read: () => ({ delayMs: 0 }) };
    return { log: new InMemoryPartitionLog({ broker, clock, faults, appendTimeoutMs: 3000 }), broker, clock };
  }

  it('does not know what became of an append without an answer, although it landed', async () => {
    const { log, broker, clock } = logWith({ deliverMs: 1, answerMs: 'never' });
    const outcome = log.append(0, [record('a')]);
    await clock.advance(3000);
    expect(await outcome).toMatchObject({ status: 'unknown', code: 'TIMED_OUT' });
    expect(keysOf(broker)).toEqual(['0:a']);
  });

  it('lets a late append land after its time-out', async () => {
    const { log, broker, clock } = logWith({ deliverMs: 5000, answerMs: 1 });
    const outcome = log.append(0, [record('a')]);
    await clock.advance(3000);
    expect(await outcome).toMatchObject({ status: 'unknown' });
    expect(keysOf(broker)).toEqual([]);
    await clock.advance(2000);
    expect(keysOf(broker)).toEqual(['0:a']);
  });

  it('writes nothing of a refused append', async () => {
    const { log, broker, clock } = logWith({ deliverMs: 'never', answerMs: 2, refuse: { code: 'NOT_LEADER', message: 'no' } });
    const outcome = log.append(0, [record('a')]);
    await clock.advance(2);
    expect(await outcome).toEqual({ status: 'notWritten', code: 'NOT_LEADER', message: 'no' });
    expect(keysOf(broker)).toEqual([]);
  });

  it('writes a second copy, or two halves, where asked to', async () => {
    const twice = logWith({ deliverMs: 1, answerMs: 1, duplicateAfterMs: 10 });
    void twice.log.append(0, [record('a'), record('b')]);
    await twice.clock.advance(20);
    expect(keysOf(twice.broker)).toEqual(['0:a', '1:b', '2:a', '3:b']);
    const halves = logWith({ deliverMs: 1, answerMs: 1, split: { at: 1, restAfterMs: 'never' } });
    const outcome = halves.log.append(0, [record('a'), record('b')]);
    await halves.clock.advance(20);
    expect(await outcome).toMatchObject({ status: 'appended', baseOffset: 0 });
    expect(keysOf(halves.broker)).toEqual(['0:a']);
  });
});
