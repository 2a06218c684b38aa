import type { Clock } from '#runtime';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.max(delayMs, 0));
    return () => clearTimeout(timer);
  },
};
