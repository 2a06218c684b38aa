/** A load has drifted when it differs from what the group was told by more than this share of the larger of the two … */
const driftShare = 0.25;
/** … and by more than this, microseconds per second: a tenth of a core. */
const driftFloorUs = 100_000;
/** It has to be so at so many looks in a row. */
const looksInARow = 3;
/** Asking in vain makes the next wait longer, up to so many times the least. */
const maxBackoff = 8;

/**
 * Decides when an engine asks for a rebalance because its load is no longer what it told the group at its latest join. Never more often
 * than every `leastIntervalMs`, counted from any join; after one of its own that brought it nothing, twice as long, up to eight times.
 * Times are of any monotonic clock, in milliseconds; loads in microseconds per second.
 */
export class LoadDrift {
  #toldUs = 0;
  #toldAt: number;
  #drifted = 0;
  #backoff = 1;
  #asked = false;

  constructor(
    readonly leastIntervalMs: number,
    startedAt: number,
  ) {
    this.#toldAt = startedAt;
  }

  /** The group was told this load. */
  told(loadUs: number, now: number): void {
    this.#toldUs = loadUs;
    this.#toldAt = now;
    this.#drifted = 0;
  }

  /** An assignment came. */
  assigned(hasMoved: boolean): void {
    if (hasMoved) this.#backoff = 1;
    else if (this.#asked) this.#backoff = Math.min(maxBackoff, this.#backoff * 2);
    this.#asked = false;
  }

  /** A look at the present load. True: ask for a rebalance now. */
  look(loadUs: number, now: number): boolean {
    const change = Math.abs(loadUs - this.#toldUs);
    const hasDrifted = change > driftFloorUs && change > driftShare * Math.max(loadUs, this.#toldUs);
    this.#drifted = hasDrifted ? this.#drifted + 1 : 0;
    if (this.#drifted < looksInARow || now - this.#toldAt < this.leastIntervalMs * this.#backoff) return false;
    this.#asked = true;
    this.#drifted = 0;
    return true;
  }
}
