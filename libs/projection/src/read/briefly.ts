/** Keeps an answer for a short while, so that many callers cost one question; callers meanwhile share it. A failure is not kept. */
export class Briefly<Value> {
  #answer: Promise<Value> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly keepMs: number,
    private readonly now: () => number,
    private readonly ask: () => Promise<Value>,
  ) {}

  get(): Promise<Value> {
    const now = this.now();
    if (this.#answer && now - this.#askedAt < this.keepMs) return this.#answer;
    this.#askedAt = now;
    const answer = this.ask();
    this.#answer = answer;
    answer.catch(() => {
      if (this.#answer === answer) this.#answer = undefined; // the caller sees the failure; the next one asks again
    });
    return answer;
  }
}
