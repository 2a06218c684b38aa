import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacedRelease } from './paced-release.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pace = { quietMs: 60, busyMs: 250, busyRate: 2_000 };

function waiting(release: PacedRelease, records: number) {
  const state = { released: false };
  void release.wait(records).then(() => {
    state.released = true;
  });
  return state;
}

test('all that ask within the period go on together, and the next period begins with the next question', async () => {
  const release = new PacedRelease(pace);
  await vi.advanceTimersByTimeAsync(1_000);
  const first = waiting(release, 1);
  await vi.advanceTimersByTimeAsync(40);
  const second = waiting(release, 1);
  expect([first.released, second.released]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(20);
  expect([first.released, second.released]).toEqual([true, true]);
  const third = waiting(release, 1);
  await vi.advanceTimersByTimeAsync(59);
  expect(third.released).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(third.released).toBe(true);
});

test('readers wait longer for each other while many records come, and no longer once it is quiet again', async () => {
  const release = new PacedRelease(pace);
  await vi.advanceTimersByTimeAsync(100);
  const busy = waiting(release, 300);
  await vi.advanceTimersByTimeAsync(249);
  expect(busy.released).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(busy.released).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  const quiet = waiting(release, 1);
  await vi.advanceTimersByTimeAsync(60);
  expect(quiet.released).toBe(true);
});
