import { TransientError } from '#runtime';

export interface BestEffortOptions<Item> {
  /** Items waiting, at most. */
  readonly maxQueued: number;
  /** Items in one write, at most. */
  readonly perWrite: number;
  /** How long the first item waits for others, ms; 0 = not at all. */
  readonly gatherMs: number;
  /** Time between two tries while the database is away, ms. */
  readonly retryMs: number;
  /** `close` takes no longer, ms. */
  readonly closeWithinMs: number;
  /** Rejects with TransientError for "not now": the items stay and are tried again. Any other error loses them. */
  readonly write: (items: readonly Item[]) => Promise<void>;
  readonly lost: (count: number, reason: string) => void;
  /** Nothing waits any more. */
  readonly drained?: () => void;
}

/** Rows that may be lost but must not hold anybody up: written in order, in batches, again while the database is away. */
export class BestEffortQueue<Item> {
  readonly #items: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(private readonly options: BestEffortOptions<Item>) {}

  /** Never waits and never throws; false where the queue is full. */
  add(item: Item): boolean {
    if (this.#items.length >= this.options.maxQueued) return false;
    this.#items.push(item);
    if (this.options.gatherMs > 0) this.#schedule(this.options.gatherMs);
    else if (this.#timer === undefined) void this.flush();
    return true;
  }

  /** Writes what waits; resolves when all of it is written, or the database cannot be asked. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
      if (this.#items.length > 0) this.#schedule(this.options.retryMs);
    });
    await this.#writing;
  }

  /** Writes what waits, within the bound; what is left is lost. */
  async close(): Promise<void> {
    let bound: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => {
      bound = setTimeout(resolve, this.options.closeWithinMs);
    });
    await Promise.race([this.flush(), timeUp]);
    clearTimeout(bound);
    clearTimeout(this.#timer);
    if (this.#items.length > 0) this.options.lost(this.#items.splice(0).length, 'the database did not take them before the stop');
  }

  #schedule(ms: number): void {
    if (this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), ms);
  }

  async #drain(): Promise<void> {
    while (this.#items.length > 0) {
      const items = this.#items.slice(0, this.options.perWrite);
      if (!(await this.#write(items))) return;
      this.#items.splice(0, items.length);
    }
    this.options.drained?.();
  }

  /** False: not now. */
  async #write(items: readonly Item[]): Promise<boolean> {
    try {
      await this.options.write(items);
    } catch (error) {
      if (error instanceof TransientError) return false;
      this.options.lost(items.length, String(error));
    }
    return true;
  }
}
