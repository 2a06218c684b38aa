import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacedRelease } from './paced-release.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('all that ask within the period go on together, and the next period begins with the next question', async () => {
  const pace = new PacedRelease(60);
  const released: string[] = [];
  void pace.wait().then(() => released.push('a'));
  await vi.advanceTimersByTimeAsync(40);
  void pace.wait().then(() => released.push('b'));
  expect(released).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(released).toEqual(['a', 'b']);
  void pace.wait().then(() => released.push('c'));
  await vi.advanceTimersByTimeAsync(59);
  expect(released).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(1);
  expect(released).toEqual(['a', 'b', 'c']);
});
