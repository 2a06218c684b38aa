import type { EpochMs } from '#core';

/** How far this process's clock is off from the broker's, from appends whose answer carries the broker's time. */
export class ClockSkew {
  #skewMs = 0;

  constructor(readonly maxSkewMs: number) {}

  /** The broker's time lies between sending and answer unless a clock is off; positive: ours runs ahead. */
  observe(sentAt: EpochMs, brokerTime: EpochMs, answeredAt: EpochMs): void {
    if (brokerTime < sentAt) this.#skewMs = sentAt - brokerTime;
    else this.#skewMs = Math.min(0, answeredAt - brokerTime);
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  /** Then no timer fires: due times come from the clock (design §3, Clock). */
  get isTooLarge(): boolean {
    return Math.abs(this.#skewMs) > this.maxSkewMs;
  }
}
