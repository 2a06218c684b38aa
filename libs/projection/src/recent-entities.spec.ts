import { expect, test } from 'vitest';
import { RecentEntities } from './recent-entities.js';

test('beyond its limit it forgets what was written longest ago', () => {
  const recent = new RecentEntities<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.set('a', 3);
  recent.set('c', 4);
  expect([recent.get('a'), recent.get('b'), recent.get('c'), recent.size]).toEqual([3, undefined, 4, 2]);
});

test('it forgets what matches', () => {
  const recent = new RecentEntities<number>(10);
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 1],
  ] as const)
    recent.set(key, value);
  recent.forget((value) => value === 1);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([undefined, 2, undefined]);
});
