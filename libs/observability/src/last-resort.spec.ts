import { afterEach, expect, test, vi } from 'vitest';
import { endOnUncaught } from './last-resort.js';

let undo: (() => void) | undefined;
afterEach(() => undo?.());

test.each(['uncaughtException', 'unhandledRejection'] as const)('%s is logged, and ends the process with 1', (event) => {
  const others = process.listeners(event as 'uncaughtException');
  process.removeAllListeners(event);
  const fatal = vi.fn();
  const end = vi.fn();
  undo = endOnUncaught({ fatal }, end);
  const error = new Error('nobody caught me');
  process.emit(event as 'uncaughtException', error);
  for (const listener of others) process.on(event as 'uncaughtException', listener);
  expect(fatal).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ event: 'process.failed', err: error }), expect.any(String));
  expect(end).toHaveBeenCalledExactlyOnceWith(1);
});
