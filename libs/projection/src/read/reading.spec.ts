import { expect, test } from 'vitest';
import { InvalidCursorError } from '../read-model.js';
import { Briefly } from './briefly.js';
import { Conditions, pageOf } from './conditions.js';
import { decodeCursor, encodeCursor } from './cursor.js';

test('a cursor comes back as it was made', () => {
  expect(decodeCursor(encodeCursor([5, 'wörk', 'x']), 'nss')).toEqual([5, 'wörk', 'x']);
});

test.each(['', '!!!', 'e30', encodeCursor(['5', 'w', 'x']), encodeCursor([5, 'w'])])('cursor %j of another list is refused', (cursor) => {
  expect(() => decodeCursor(cursor, 'nss')).toThrow(InvalidCursorError);
});

test('conditions number their parameters in order', () => {
  const conditions = new Conditions().add('a = ?', 1).add('(b, c) < (?, ?)', 2, 3);
  expect([conditions.where, conditions.parameter(9), conditions.values]).toEqual([
    'where a = $1 and (b, c) < ($2, $3)',
    '$4',
    [1, 2, 3, 9],
  ]);
  expect(new Conditions().where).toBe('');
});

test('one row more than asked for makes a next page, from the last row shown', () => {
  const page = (rows: number[]) => pageOf(rows, 2, String, (row) => `after ${row}`);
  expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], nextCursor: 'after 2' });
  expect(page([1, 2])).toEqual({ items: ['1', '2'] });
  expect(page([])).toEqual({ items: [] });
});

test('an answer is shared and kept for its time; a failure is not kept', async () => {
  let now = 0;
  let asked = 0;
  const kept = new Briefly(
    100,
    () => now,
    async () => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return asked;
    },
  );
  await expect(kept.get()).rejects.toThrow('not yet');
  expect(await Promise.all([kept.get(), kept.get()])).toEqual([2, 2]);
  now = 99;
  expect(await kept.get()).toBe(2);
  now = 100;
  expect(await kept.get()).toBe(3);
});
