import { describe, expect, it } from 'vitest';
import { describeDataNode } from '../api/descriptor.js';
import { readAll } from '../testing/run-node.js';
import { sequenceNumbers } from './sequence-numbers.js';

const fields = {
  id: 'sequence',
  code: 'random_string',
  die: 'random_int(1, 6)',
  share: 'random_double(0,1)',
  city: "random_choice(['Oslo', 'Rome'])",
};

describe('sequence.numbers', () => {
  it.each([
    [{ end: 4 }, [1, 2, 3, 4]],
    [{ start: '2', end: '8', step: '3' }, [2, 5, 8]],
    [{ start: 3, end: 1, step: -1 }, [3, 2, 1]],
    [{ start: 0, end: 1, step: 0.25 }, [0, 0.25, 0.5, 0.75, 1]],
    [{ start: 5, end: 1 }, []],
  ])('of %j gives %j', async (config, numbers) => {
    expect((await readAll(sequenceNumbers, config)).records).toEqual(numbers);
  });

  it('makes records of its fields, each within its bounds', async () => {
    const { records } = await readAll(sequenceNumbers, { end: 200, fields });
    expect(records).toHaveLength(200);
    for (const [index, record] of records.entries()) {
      expect(record).toEqual({
        id: index + 1,
        code: expect.stringMatching(/^[a-z0-9]{10}$/),
        die: expect.toSatisfy((die: number) => Number.isInteger(die) && die >= 1 && die <= 6),
        share: expect.toSatisfy((share: number) => share >= 0 && share < 1),
        city: expect.stringMatching(/^(Oslo|Rome)$/),
      });
    }
    const dice = new Set(records.map((record) => JSON.stringify((record as { die: number }).die)));
    expect(dice.size).toBe(6);
  });

  it('goes on from a cursor with the very records it would have made', async () => {
    const whole = await readAll(sequenceNumbers, { end: 35, fields });
    const rest = await readAll(sequenceNumbers, { end: 35, fields }, whole.cursors[1]);
    expect(rest.records).toEqual(whole.records.slice(20));
  });

  it('refuses a step of nothing and generators it does not know', () => {
    const problems = describeDataNode(sequenceNumbers).validateConfig({
      ...{ start: 1, end: 2, step: 0 },
      fields: { a: 'random_int(6,1)', b: 'exec(rm)', c: 'random_choice([])', d: 'random_int(1,2)' },
    });
    expect(problems.map(({ path }) => path)).toEqual(['step', 'fields.a', 'fields.b', 'fields.c']);
  });
});
