import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sequence } from './sequence.js';
import type { EventEntry } from './sort-records.js';

const entry = (seq: number, offset = seq): EventEntry => ({
  record: { key: '', value: null, headers: {}, offset, timestamp: 0 },
  entity: 'w',
  workflowId: 'w',
  seq,
  type: 'X',
});

test('events that follow on apply; lower ones are duplicates', () => {
  const result = sequence(
    2,
    [2, 3, 3, 4].map((seq) => entry(seq)),
  );
  expect(result.applied.map((one) => one.seq)).toEqual([3, 4]);
  expect(result).toMatchObject({ duplicates: 2 });
  expect(result.hole).toBeUndefined();
});

test('from a hole on nothing applies, and the reason names what is missing and where', () => {
  const result = sequence(1, [entry(2), entry(4, 44), entry(3, 45)]);
  expect(result.applied.map((one) => one.seq)).toEqual([2]);
  expect(result.hole).toEqual({ offset: 44, reason: 'event 3 is missing: 4 came at offset 44' });
});

test('whatever comes, what applies continues the sequence without a hole or repeat', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 30 }), (last, seqs) => {
      const { applied } = sequence(
        last,
        seqs.map((seq) => entry(seq)),
      );
      expect(applied.map((one) => one.seq)).toEqual(applied.map((_, index) => last + 1 + index));
    }),
  );
});
