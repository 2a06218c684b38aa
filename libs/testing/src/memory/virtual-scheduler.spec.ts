import { describe, expect, it } from 'vitest';
import { type Lane, VirtualClock, VirtualScheduler } from './index.js';

describe('VirtualScheduler', () => {
  it('runs events by time, and equal times in the order of scheduling', async () => {
    const scheduler = new VirtualScheduler(0);
    const seen: string[] = [];
    for (const [delay, name] of [
      [30, 'c'],
      [10, 'a'],
      [30, 'd'],
      [20, 'b'],
    ] as const)
      scheduler.after(delay, () => seen.push(name));
    await scheduler.advance(100);
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    expect(scheduler.now()).toBe(100);
  });

  it('agrees with sorting on a thousand random delays', async () => {
    const scheduler = new VirtualScheduler(0);
    const delays = Array.from({ length: 1000 }, (_, index) => (index * 7919) % 503);
    const seen: number[] = [];
    for (const delay of delays) scheduler.after(delay, () => seen.push(delay));
    await scheduler.advance(1000);
    expect(seen).toEqual([...delays].sort((a, b) => a - b));
  });

  it('lets promises settle between two events of one time', async () => {
    const scheduler = new VirtualScheduler(0);
    const seen: string[] = [];
    scheduler.after(
      5,
      () =>
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(() => seen.push('promise')),
    );
    scheduler.after(5, () => seen.push('event'));
    await scheduler.advance(5);
    expect(seen).toEqual(['promise', 'event']);
  });

  it('forgets a cancelled event', async () => {
    const clock = new VirtualClock();
    let rang = false;
    clock.after(10, () => {
      rang = true;
    })();
    await clock.advance(20);
    expect(rang).toBe(false);
  });

  it('holds the events of a stopped process back and gives them later, in order; those of a killed one never', async () => {
    const scheduler = new VirtualScheduler(0);
    const stopped: Lane = { name: 'stopped', status: 'held' };
    const killed: Lane = { name: 'killed', status: 'dead' };
    const seen: string[] = [];
    scheduler.after(1, () => seen.push('first'), stopped);
    scheduler.after(2, () => seen.push('second'), stopped);
    scheduler.after(3, () => seen.push('never'), killed);
    scheduler.after(4, () => seen.push('other'));
    await scheduler.advance(10);
    expect(seen).toEqual(['other']);
    scheduler.release(stopped);
    await scheduler.advance(0);
    expect(seen).toEqual(['other', 'first', 'second']);
  });

  it('keeps a cancelled event of a stopped process cancelled', async () => {
    const scheduler = new VirtualScheduler(0);
    const stopped: Lane = { name: 'stopped', status: 'held' };
    const seen: string[] = [];
    const cancel = scheduler.after(1, () => seen.push('timed out'), stopped);
    scheduler.after(1, () => cancel(), undefined);
    await scheduler.advance(5);
    scheduler.release(stopped);
    await scheduler.advance(5);
    expect(seen).toEqual([]);
  });
});
