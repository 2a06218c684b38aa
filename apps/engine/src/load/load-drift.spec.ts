import { describe, expect, it } from 'vitest';
import { LoadDrift } from './load-drift.js';

const minute = 60_000;
const core = 1_000_000;

/** Looks every 20 s from one time to another; answers when a rebalance was asked for. */
function asks(drift: LoadDrift, from: number, to: number, loadAt: (now: number) => number): number[] {
  const asked: number[] = [];
  for (let now = from; now <= to; now += 20_000) {
    if (!drift.look(loadAt(now), now)) continue;
    asked.push(now);
    drift.told(loadAt(now), now);
    drift.assigned(false);
  }
  return asked;
}

describe('an engine whose load drifts', () => {
  it('asks for a rebalance once, when the least interval has passed', () => {
    const drift = new LoadDrift(10 * minute, 0);
    drift.told(core / 10, 0);
    expect(asks(drift, 20_000, 60 * minute, () => core / 2)).toEqual([10 * minute]);
  });

  it('asks when it has become idle', () => {
    const drift = new LoadDrift(10 * minute, 0);
    drift.told(core / 2, 0);
    expect(asks(drift, 20_000, 30 * minute, () => 0)).toEqual([10 * minute]);
  });

  it('does not ask for a change that is small, or of a small share, or does not last', () => {
    const drift = new LoadDrift(minute, 0);
    drift.told(2 * core, 0);
    expect(asks(drift, 20_000, 60 * minute, () => 2.4 * core)).toEqual([]);
    const brief = (now: number) => 2 * core + (now % minute === 0 ? core : 0);
    expect(asks(drift, 61 * minute, 120 * minute, brief)).toEqual([]);
    const small = new LoadDrift(minute, 0);
    expect(asks(small, 20_000, 60 * minute, () => core / 11)).toEqual([]);
  });

  it('waits twice as long each time after asking in vain, up to eight times', () => {
    const drift = new LoadDrift(10 * minute, 0);
    const climbing = (now: number) => (1 + now / minute) * core; // no two joins see the same
    const gaps = asks(drift, 0, 400 * minute, climbing).map((at, index, all) => (at - (all[index - 1] ?? 0)) / minute);
    expect(gaps.slice(0, 5)).toEqual([10, 20, 40, 80, 80]);
  });

  it('waits as short as at first once something has moved', () => {
    const drift = new LoadDrift(10 * minute, 0);
    expect(asks(drift, 0, 11 * minute, () => core)).toEqual([10 * minute]);
    drift.assigned(true);
    expect(asks(drift, 11 * minute, 40 * minute, () => 3 * core)).toEqual([20 * minute]);
  });

  it('counts from a join that somebody else caused', () => {
    const drift = new LoadDrift(10 * minute, 0);
    drift.told(0, 9 * minute);
    expect(asks(drift, 9 * minute, 25 * minute, () => core)).toEqual([19 * minute]);
  });
});
