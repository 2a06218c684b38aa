import { expect, it } from 'vitest';
import { ClockSkew } from './clock-skew.js';

it('finds no skew while the broker time lies between sending and answer', () => {
  const skew = new ClockSkew(1_000);
  skew.observe(5_000, 5_003, 5_010);
  expect(skew.skewMs).toBe(0);
  skew.observe(5_000, 5_000, 7_900); // a slow answer is no skew
  expect(skew.isTooLarge).toBe(false);
});

it('tells a clock that runs ahead from one that runs behind', () => {
  const skew = new ClockSkew(1_000);
  skew.observe(9_000, 7_500, 9_010);
  expect(skew.skewMs).toBe(1_500);
  expect(skew.isTooLarge).toBe(true);
  skew.observe(5_000, 7_500, 5_010);
  expect(skew.skewMs).toBe(-2_490);
  expect(skew.isTooLarge).toBe(true);
});
