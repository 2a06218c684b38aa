import { describe, expect, it } from 'vitest';
import { describeDataNode } from '../api/descriptor.js';
import { readAll } from '../testing/run-node.js';
import { randomNumbers } from './random-numbers.js';

describe('random.numbers', () => {
  it('gives integers of the whole range, both ends included, about equally often', async () => {
    const { records } = await readAll(randomNumbers, { count: 60_000, min: 1, max: 6, seed: 7 });
    const counts = [1, 2, 3, 4, 5, 6].map((face) => records.filter((record) => record === face).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(60_000);
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500); // five standard deviations
  });

  it('gives the same numbers for the same seed, other ones for another, and goes on from a cursor', async () => {
    const first = await readAll(randomNumbers, { count: 50, seed: 'a' });
    expect((await readAll(randomNumbers, { count: 50, seed: 'a' })).records).toEqual(first.records);
    expect((await readAll(randomNumbers, { count: 50, seed: 'b' })).records).not.toEqual(first.records);
    expect((await readAll(randomNumbers, { count: 50, seed: 'a' }, first.cursors[2])).records).toEqual(first.records.slice(30));
  });

  it('refuses bounds in the wrong order', () => {
    expect(describeDataNode(randomNumbers).validateConfig({ count: 1, min: 5, max: 2 })).toMatchObject([{ path: 'max' }]);
  });
});
