import { describe, expect, it } from 'vitest';
import { describeDataNode } from '../api/descriptor.js';
import { readAll } from '../testing/run-node.js';
import { memoryCollection } from './memory-collection.js';

describe('memory.collection', () => {
  it.each([
    [
      [1, { a: 2 }, null],
      [1, { a: 2 }, null],
    ],
    ['[1, "x"]', [1, 'x']],
    ['10, 20.5, 007, x', [10, 20.5, '007', 'x']],
    ['a,b\nc,d\n', ['a,b', 'c,d']],
    ['[not json', ['[not json']],
    [[], []],
  ])('of %j gives %j', async (data, records) => {
    expect((await readAll(memoryCollection, { data })).records).toEqual(records);
  });

  it('needs its data', () => {
    expect(describeDataNode(memoryCollection).validateConfig({})).toMatchObject([{ path: 'data', code: 'REQUIRED' }]);
  });
});
