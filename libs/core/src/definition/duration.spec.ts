import { expect, it } from 'vitest';
import { parseDurationMs } from './duration.js';

it('reads ms, s, m, h and d, and takes bare numbers for seconds', () => {
  expect(['250ms', '30s', '5m', '2h', '1d', ' 7s ', '15', 1.5, 0].map(parseDurationMs)).toEqual([
    250, 30_000, 300_000, 7_200_000, 86_400_000, 7_000, 15_000, 1_500, 0,
  ]);
});

it('reads nothing else', () => {
  for (const value of [
    '',
    's',
    '1.5s',
    '-1s',
    '1 s',
    '1w',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    {},
    '99999999999999d',
  ]) {
    expect(parseDurationMs(value)).toBeUndefined();
  }
});
