/** How long the main loop has not turned. It counts its turns in shared memory; nobody's clock is compared with anybody's. */
export class LoopGauge {
  readonly #turns: Int32Array;
  #seen: number;
  #ageMs = 0;

  constructor(turns: SharedArrayBuffer) {
    this.#turns = new Int32Array(turns);
    this.#seen = Atomics.load(this.#turns, 0);
  }

  get ageMs(): number {
    return this.#ageMs;
  }

  /** `elapsedMs`: since the last look; 0 where the whole process was away and only begins to run again. */
  look(elapsedMs: number): void {
    const turns = Atomics.load(this.#turns, 0);
    this.#ageMs = turns === this.#seen ? this.#ageMs + elapsedMs : 0;
    this.#seen = turns;
  }
}
