import { describe, expect, it } from 'vitest';
import { ComputingShares } from './computing-shares.js';

describe('which nodes compute', () => {
  it('is learnt from the tasks that ended, and unlearnt', () => {
    const shares = new ComputingShares();
    expect(shares.computes('a', undefined)).toBe(false);
    shares.learn('a', { share: 0.95, ms: 200 });
    expect(shares.computes('a', undefined)).toBe(true);
    expect(shares.computes('b', undefined)).toBe(false);
    for (let i = 0; i < 3; i += 1) shares.learn('a', { share: 0.02, ms: 200 });
    expect(shares.computes('a', undefined)).toBe(false);
  });

  it('is told by a task that has run for a while rather than by those before it', () => {
    const shares = new ComputingShares();
    shares.learn('a', { share: 1, ms: 200 });
    expect(shares.computes('a', { share: 0, ms: 10 })).toBe(true);
    expect(shares.computes('a', { share: 0, ms: 60 })).toBe(false);
    expect(shares.computes('new', { share: 1, ms: 60 })).toBe(true);
  });

  it('does not count tasks that are over at once', () => {
    const shares = new ComputingShares();
    shares.learn('a', { share: 1, ms: 1 });
    expect(shares.computes('a', undefined)).toBe(false);
  });

  it('is kept of the nodes that ran last', () => {
    const shares = new ComputingShares();
    for (let i = 0; i <= 10_000; i += 1) shares.learn(`n${i}`, { share: 1, ms: 200 });
    expect([shares.computes('n0', undefined), shares.computes('n1', undefined)]).toEqual([false, true]);
  });
});
