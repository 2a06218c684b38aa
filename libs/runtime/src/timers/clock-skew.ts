import type { EpochMs } from '#core';
import type { Clock } from '../ports/clock.js';

/**
 * The broker's time, and how far this process's wall clock is off from it. Learnt from appends whose answer carries the broker's
 * time, the own fence first; from then on it goes by the monotonic clock, so that a step of the wall clock changes nothing in
 * it, however long the partition is quiet. Between two appends a drift of the one clock against the other stays unseen.
 */
export class ClockSkew {
  /** Broker's time less monotonic time, as late and as early as the last answer allows. */
  #leastAhead: number | undefined;
  #mostAhead: number | undefined;

  constructor(
    readonly clock: Clock,
    readonly maxSkewMs: number,
  ) {}

  /** To be called as the answer arrives. `sentAt`: monotonic. The broker's time lies between sending and answer. */
  observe(sentAt: number, brokerTime: EpochMs): void {
    this.#leastAhead = brokerTime - this.clock.monotonic();
    this.#mostAhead = brokerTime - sentAt;
  }

  /** The broker's time is no earlier than this; undefined until it was learnt. What is past by it is past. */
  get brokerTimeAtLeast(): EpochMs | undefined {
    return this.#leastAhead === undefined ? undefined : Math.floor(this.clock.monotonic() + this.#leastAhead);
  }

  /** The broker's time is no later than this; undefined until it was learnt. */
  get brokerTimeAtMost(): EpochMs | undefined {
    return this.#mostAhead === undefined ? undefined : Math.ceil(this.clock.monotonic() + this.#mostAhead);
  }

  /** How far the wall clock is off just now; positive: it runs ahead; 0 until the broker's time was learnt. */
  get skewMs(): number {
    const { brokerTimeAtLeast: earliest, brokerTimeAtMost: latest } = this;
    if (earliest === undefined || latest === undefined) return 0;
    const now = this.clock.now();
    return now > latest ? now - latest : Math.min(0, now - earliest);
  }

  /** Then no timer fires: due times come from the wall clock (design §3, Clock). */
  get isTooLarge(): boolean {
    return Math.abs(this.skewMs) > this.maxSkewMs;
  }
}
