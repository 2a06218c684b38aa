import { describe, expect, it } from 'vitest';
import { describeDataNode } from '../api/descriptor.js';
import { map, mapTransform } from '../map/map.js';
import { transform } from '../testing/run-node.js';
import { filter, filterCondition } from './filter.js';

describe('filter', () => {
  it('keeps the records that meet the condition, bare values and objects alike', async () => {
    expect(
      (
        await transform(filter, { condition: 'value > 2' }, [
          [1, 3],
          [2, 4],
        ])
      ).records,
    ).toEqual([3, 4]);
    const cheap = { name: 'a', price: 1.5 };
    expect((await transform(filter, { condition: 'price < 2 && name == "a"' }, [[cheap, { name: 'b', price: 3 }]])).records).toEqual([
      cheap,
    ]);
  });

  it('rejects a record for which the condition is neither true nor false, or fails', async () => {
    const { records, rejected } = await transform(filter, { condition: 'value + 1' }, [[1]]);
    expect(records).toEqual([]);
    expect(rejected).toEqual(['0: the condition gave 2, not true or false']);
    expect((await transform(filter, { condition: 'missing > 1' }, [[{ a: 1 }]])).rejected[0]).toContain('missing');
  });

  it('knows its old name and the old key', async () => {
    expect((await transform(filterCondition, { expression: '>50' }, [[40, 60]])).records).toEqual([60]);
    expect(describeDataNode(filterCondition).nodeType).toBe('filter.condition');
  });
});

describe('map', () => {
  it('makes an object the new record, anything else a bare value', async () => {
    expect((await transform(map, { expression: '{"double": value * 2}' }, [[1, 2]])).records).toEqual([{ double: 2 }, { double: 4 }]);
    expect((await transform(map, { expression: 'name.size()' }, [[{ name: 'abc' }]])).records).toEqual([3]);
  });

  it('rejects a record for which the expression fails, and keeps the order of the others', async () => {
    const { records, rejected } = await transform(map, { expression: '10 / value' }, [[5, 0, 2]]);
    expect(records).toEqual([2, 5]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatch(/^1: /);
  });

  it('knows its old name and the old key', async () => {
    expect((await transform(mapTransform, { transform: 'toUpperCase' }, [['a']])).records).toEqual(['A']);
  });
});
