import type { EpochMs } from '#core';

/** Cancels a timer; harmless when it has fired. */
export type CancelTimer = () => void;

/** Time as the runtime sees it. In a simulation it is virtual. */
export interface Clock {
  /** The wall clock: it may be wrong, and may be set at any moment. */
  now(): EpochMs;
  /** Milliseconds since some fixed moment: for durations. Nobody sets it; it goes on while the process is stopped (SIGSTOP), not while the machine sleeps. */
  monotonic(): number;
  /** Calls back once, `delayMs` later; never in the same turn. */
  after(delayMs: number, callback: () => void): CancelTimer;
}

/** Unique text for fences; random in production, seeded in a simulation. */
export interface RandomIds {
  next(): string;
  /** In [0, 1): back-off jitter. */
  fraction(): number;
}
