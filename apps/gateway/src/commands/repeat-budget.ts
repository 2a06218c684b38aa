const share = 0.1;

/** Keeps the gateway's own repeats under a tenth of its traffic, so that an outage is not followed by a storm. */
export class RepeatBudget {
  #tokens: number;

  /** `burst`: repeats allowed before any traffic; `saved`: the most that traffic earns in advance. */
  constructor(
    burst = 20,
    private readonly saved = 200,
  ) {
    this.#tokens = burst;
  }

  countSend(): void {
    this.#tokens = Math.min(this.saved, this.#tokens + share);
  }

  /** True when one more repeat fits; it is then counted. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
