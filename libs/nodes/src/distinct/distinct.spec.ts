import { describe, expect, it } from 'vitest';
import { batch } from '../batch/batch.js';
import { transform, trialOf } from '../testing/run-node.js';
import { distinct } from './distinct.js';

describe('distinct', () => {
  it('keeps the first of equal records, whatever the order of their keys', async () => {
    const { records } = await transform(distinct, {}, [
      [1, '1', 1],
      [{ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, { a: 1 }],
    ]);
    expect(records).toEqual([1, '1', { a: 1, b: { c: 2, d: 3 } }, { a: 1 }]);
  });

  it('compares by fields where they are named', async () => {
    const rows = [{ city: 'a', n: 1 }, { city: 'a', n: 2 }, { city: 'b', n: 2 }, { n: 3 }, { city: null, n: 4 }];
    expect((await transform(distinct, { by: 'city' }, [rows])).records).toEqual([rows[0], rows[2], rows[3]]);
    expect((await transform(distinct, { by: ['city', 'n'] }, [rows])).records).toEqual(rows);
  });

  it('remembers over a resume what it has seen', async () => {
    expect(
      (
        await transform(
          distinct,
          {},
          [
            [1, 2],
            [2, 3],
          ],
          1,
        )
      ).records,
    ).toEqual([1, 2, 3]);
  });

  it('gives no state once that is too large', () => {
    const limits = { batchRecords: 10, maxStateBytes: 20, memoryMb: 64 };
    const operator = distinct.create(trialOf(distinct, {}, { limits }).context);
    void operator.process([1, 2]);
    expect(operator.state?.()).toEqual(['1', '2']);
    void operator.process(['a long text of many letters']);
    expect(operator.state?.()).toBeUndefined();
  });
});

describe('batch', () => {
  it('gathers records into lists, over batches and over a resume', async () => {
    const lists = [[1, 2, 3], [4, 5, 6], [7]];
    expect(
      (
        await transform(batch, { batchSize: 3 }, [
          [1, 2],
          [3, 4, 5, 6, 7],
        ])
      ).records,
    ).toEqual(lists);
    expect(
      (
        await transform(
          batch,
          { batchSize: 3 },
          [
            [1, 2],
            [3, 4, 5, 6, 7],
          ],
          1,
        )
      ).records,
    ).toEqual(lists);
  });
});
