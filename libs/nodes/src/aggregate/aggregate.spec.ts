import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDataNode } from '../api/descriptor.js';
import { transform, trialOf } from '../testing/run-node.js';
import { aggregate } from './aggregate.js';
import { aggregateCount, aggregateCountSink } from './aggregate-count.js';
import { aggregateSum } from './aggregate-sum.js';

const sales = [
  { region: 'n', product: 'a', amount: 10, note: 'x' },
  { region: 's', product: 'a', amount: 2.5, note: null },
  { region: 'n', product: 'b', amount: 4, note: 'y' },
  { region: 'n', product: 'a', amount: null },
];

describe('aggregations', () => {
  it('sum a field by group, in the order in which groups were first seen', async () => {
    expect((await transform(aggregateSum, { field: 'amount', groupBy: 'region' }, [sales])).records).toEqual([
      { region: 'n', sum: 14 },
      { region: 's', sum: 2.5 },
    ]);
  });

  it('sum bare values, and texts that spell numbers', async () => {
    expect((await transform(aggregateSum, {}, [[1, '2.5'], [' 3 ']])).records).toEqual([{ sum: 6.5 }]);
  });

  it('give one row for no records at all, and none by group', async () => {
    expect((await transform(aggregateSum, {}, [])).records).toEqual([{ sum: 0 }]);
    expect((await transform(aggregateCount, { groupBy: 'region' }, [])).records).toEqual([]);
  });

  it('count records, or those where a field is present', async () => {
    expect((await transform(aggregateCount, {}, [sales])).records).toEqual([{ count: 4 }]);
    expect((await transform(aggregateCount, { field: 'note', groupBy: ['region'] }, [sales])).records).toEqual([
      { region: 'n', count: 2 },
      { region: 's', count: 0 },
    ]);
  });

  it('compute several functions of several fields, in the order asked for', async () => {
    const config = { field: 'amount', groupBy: ['region', 'product'], functions: 'max, avg,count' };
    const { records } = await transform(aggregate, config, [sales]);
    expect(records.map((record) => JSON.stringify(record))).toEqual([
      '{"region":"n","product":"a","max_amount":10,"avg_amount":10,"count_amount":1}',
      '{"region":"s","product":"a","max_amount":2.5,"avg_amount":2.5,"count_amount":1}',
      '{"region":"n","product":"b","max_amount":4,"avg_amount":4,"count_amount":1}',
    ]);
    expect((await transform(aggregate, { field: ['amount', 'note'], functions: ['min'] }, [sales])).records).toEqual([
      { min_amount: 2.5, min_note: 'x' },
    ]);
  });

  it('reject a record whose value is no number, and count none of its fields', async () => {
    const config = { field: ['a', 'b'], functions: ['sum'] };
    const { records, rejected } = await transform(aggregate, config, [
      [
        { a: 1, b: 2 },
        { a: 10, b: 'x' },
      ],
    ]);
    expect(records).toEqual([{ sum_a: 1, sum_b: 2 }]);
    expect(rejected).toEqual(['1: `b` is "x", not a number']);
  });

  it('keep a text, a number, null and an object apart as groups', async () => {
    const values = ['1', 1, null, { a: 1 }, '{"a":1}', true];
    const { records } = await transform(aggregateCount, { groupBy: 'k' }, [values.map((k) => ({ k }))]);
    expect(records).toEqual(values.map((k) => ({ k, count: 1 })));
  });

  it('come to the same result over any resume', async () => {
    const row = fc.record({
      k: fc.constantFrom('a', 'b', 1, null),
      v: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
    });
    const config = { field: 'v', groupBy: 'k' };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), fc.nat(4), async (batches, cut) => {
        expect(await transform(aggregate, config, batches, cut)).toEqual(await transform(aggregate, config, batches));
      }),
      { numRuns: 50 },
    );
  });

  it('lose no small addend beside large ones', async () => {
    expect((await transform(aggregateSum, {}, [[1e16, 1, -1e16]])).records).toEqual([{ sum: 1 }]);
  });

  it('refuse unknown functions, and functions of nothing', () => {
    const { validateConfig } = describeDataNode(aggregate);
    expect(validateConfig({ field: 'a', functions: ['sum', 'mode'] })).toMatchObject([{ path: 'functions' }]);
    expect(validateConfig({ functions: ['sum'] })).toMatchObject([{ path: 'field', code: 'REQUIRED' }]);
    expect(validateConfig({})).toEqual([]);
  });
});

describe('aggregate.count as a sink', () => {
  it('has the count as its output, over a resume too', async () => {
    const { context } = trialOf(aggregateCountSink, {});
    const first = aggregateCountSink.create(context);
    await first.open(undefined);
    await first.write(sales);
    const second = aggregateCountSink.create(context);
    await second.open(await first.checkpoint());
    await second.write([1]);
    expect(await second.seal()).toEqual({ seal: null, output: { count: 5 } });
  });
});
