import { describe, expect, it } from 'vitest';
import { encodeFence, epochOf, fenceOffsetOf } from './fence.js';
import { eventHeaders } from './headers.js';
import type { LogRecord, StoredRecord } from './record.js';
import { LogValidity } from './validity.js';

const body = { instance: 'a', address: 'h:1', generation: 1, partitions: 4, reason: 'test', at: 0 };

function stored(record: LogRecord, offset: number): StoredRecord {
  return { ...record, offset, timestamp: 0 };
}

function fence(random: string, offset: number): StoredRecord {
  return stored(encodeFence(random, body), offset);
}

function event(epoch: string, expected: number, offset = expected): StoredRecord {
  const headers = { [eventHeaders.epoch]: epoch, [eventHeaders.expectedOffset]: String(expected), [eventHeaders.type]: 'X' };
  return stored({ key: `k${offset}`, value: new Uint8Array([123, 125]), headers }, offset);
}

describe('LogValidity (V1)', () => {
  it('takes records of the latest fence at their stamped offsets only', () => {
    const validity = new LogValidity();
    const log = [
      event('0.a', 0),
      fence('a', 1),
      event('1.a', 2),
      event('1.a', 4, 3),
      fence('b', 4),
      event('1.a', 5),
      event('4.b', 6),
      event('4.a', 7),
    ];
    expect(log.map((record) => validity.check(record))).toEqual([
      'stale',
      'fence',
      'valid',
      'misplaced',
      'fence',
      'stale',
      'valid',
      'stale',
    ]);
    expect(validity.epoch).toBe('4.b');
  });

  it('tells two fences apart that expected the same offset', () => {
    const validity = new LogValidity();
    const fences = [fence('a', 0), fence('b', 1)];
    for (const each of fences) validity.check(each);
    expect(fences.map(epochOf)).toEqual(['0.a', '1.b']);
    expect(validity.check(event('0.a', 2))).toBe('stale');
    expect(validity.check(event('1.b', 3))).toBe('valid');
  });

  it('goes on from a known epoch, and ignores tombstones', () => {
    const validity = new LogValidity('17.x');
    expect(validity.check(event('17.x', 40))).toBe('valid');
    expect(validity.check({ ...event('17.x', 41), value: null })).toBe('tombstone');
    expect(validity.epoch).toBe('17.x');
  });

  it('names the offset of a fence in its epoch', () => {
    expect(fenceOffsetOf(epochOf(fence('k3f9', 4711)))).toBe(4711);
  });
});
