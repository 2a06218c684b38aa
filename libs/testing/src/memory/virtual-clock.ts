import type { CancelTimer, Clock } from '#runtime';
import { type Lane, settle, VirtualScheduler } from './virtual-scheduler.js';

/** Time that moves only when told to. With a lane, its timers stop and die with that process; `skewMs` sets it apart from the broker's, and may change: somebody sets it. */
export class VirtualClock implements Clock {
  readonly scheduler: VirtualScheduler;
  readonly #lane: Lane | undefined;

  skewMs: number;

  constructor(scheduler: VirtualScheduler = new VirtualScheduler(), lane?: Lane, skewMs = 0) {
    this.scheduler = scheduler;
    this.#lane = lane;
    this.skewMs = skewMs;
  }

  now(): number {
    return this.scheduler.now() + this.skewMs;
  }

  monotonic(): number {
    return this.scheduler.now();
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    return this.scheduler.after(delayMs, callback, this.#lane);
  }

  /** Runs what is due within `ms`; promises settle after each event. */
  advance(ms: number): Promise<void> {
    return this.scheduler.advance(ms);
  }

  /** Lets every promise that can go on go on, without moving time. */
  settle(): Promise<void> {
    return settle();
  }
}

/** Calls back after the delay, or at once when there is none. */
export function later(clock: Clock, delayMs: number, callback: () => void): void {
  if (delayMs <= 0) callback();
  else clock.after(delayMs, callback);
}
