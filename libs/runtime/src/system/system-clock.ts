import { randomBytes } from 'node:crypto';
import type { Clock, RandomIds } from '../ports/clock.js';

/** The longest delay that Node's timers take; a longer one is cut, and whoever waits asks again. */
const maxDelayMs = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), maxDelayMs));
    return () => clearTimeout(timer);
  },
};

/** Ids from the system's randomness: eight characters of base 36 are plenty beside an offset. */
export const systemRandom: RandomIds = {
  next: () => BigInt(`0x${randomBytes(6).toString('hex')}`).toString(36),
  fraction: () => Math.random(),
};
