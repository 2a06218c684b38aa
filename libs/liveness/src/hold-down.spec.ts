import { describe, expect, test } from 'vitest';
import { HoldDown } from './hold-down.js';

describe('HoldDown', () => {
  test('doubles from repetition to repetition, up to five minutes', () => {
    const holds = new HoldDown(5_000);
    let now = 0;
    const lasted: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      expect(holds.isHeld('p', now)).toBe(false);
      holds.evicted('p', now);
      const from = now;
      while (holds.isHeld('p', now)) now += 1_000;
      lasted.push(now - from);
    }
    expect(lasted).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('begins short again after a quiet time', () => {
    const holds = new HoldDown(5_000);
    holds.evicted('p', 0);
    holds.evicted('p', 20_000);
    expect(holds.isHeld('p', 24_999)).toBe(true);
    expect(holds.isHeld('p', 25_000)).toBe(false);
  });

  test('does not hold another process, nor one that has started anew', () => {
    const holds = new HoldDown(5_000);
    holds.evicted('p', 0);
    expect(holds.isHeld('p-after-restart', 1)).toBe(false);
  });
});
