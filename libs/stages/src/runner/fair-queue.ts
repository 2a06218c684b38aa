interface Entry<Item> {
  readonly item: Item;
  before: Entry<Item> | undefined;
  after: Entry<Item> | undefined;
}

interface Line<Item> {
  first: Entry<Item> | undefined;
  last: Entry<Item> | undefined;
  count: number;
}

/** The next of a key. */
export interface Waiting<Item> {
  readonly key: string;
  readonly item: Item;
  readonly rank: number;
}

/** Waiting work in one line per key; whatever the lines' lengths, adding and removing cost the same. */
export class FairQueue<Item> {
  private readonly lines = new Map<string, Line<Item>>();
  private readonly entries = new Map<Item, Entry<Item>>();

  get size(): number {
    return this.entries.size;
  }

  sizeOf(key: string): number {
    return this.lines.get(key)?.count ?? 0;
  }

  add(key: string, item: Item): void {
    const line = this.lines.get(key) ?? { first: undefined, last: undefined, count: 0 };
    if (line.count === 0) this.lines.set(key, line);
    const entry: Entry<Item> = { item, before: line.last, after: undefined };
    if (line.last === undefined) line.first = entry;
    else line.last.after = entry;
    line.last = entry;
    line.count += 1;
    this.entries.set(item, entry);
  }

  /**
   * The oldest item of the key with the lowest `rank`, of several of the one whose turn it is; it stays where it is. With `maxRank`,
   * keys above it are passed over. Rank 0 is the lowest.
   */
  peek(rank: (key: string) => number, maxRank = Number.POSITIVE_INFINITY): Waiting<Item> | undefined {
    const key = this.lowest(rank, maxRank);
    const first = key === undefined ? undefined : this.lines.get(key)?.first;
    return key === undefined || first === undefined ? undefined : { key, item: first.item, rank: rank(key) };
  }

  /** Takes out what `peek` has shown: its key goes to the end of the turn. */
  take({ key, item }: Waiting<Item>): void {
    const line = this.lines.get(key);
    if (line === undefined) return;
    this.lines.delete(key);
    this.lines.set(key, line);
    this.remove(key, item);
  }

  /** What `peek` shows, taken out. */
  next(rank: (key: string) => number, maxRank?: number): Waiting<Item> | undefined {
    const waiting = this.peek(rank, maxRank);
    if (waiting !== undefined) this.take(waiting);
    return waiting;
  }

  /** Takes an item out; false when it is not waiting. */
  remove(key: string, item: Item): boolean {
    const line = this.lines.get(key);
    const entry = this.entries.get(item);
    if (line === undefined || entry === undefined) return false;
    this.entries.delete(item);
    if (entry.before === undefined) line.first = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) line.last = entry.before;
    else entry.after.before = entry.before;
    line.count -= 1;
    if (line.count === 0) this.lines.delete(key);
    return true;
  }

  private lowest(rank: (key: string) => number, maxRank: number): string | undefined {
    let best: string | undefined;
    let bestRank = maxRank + 1;
    for (const key of this.lines.keys()) {
      const own = rank(key);
      if (own < bestRank) {
        best = key;
        bestRank = own;
      }
      if (own === 0) break; // nobody ranks lower: few keys are looked at, because few hold a slot
    }
    return best;
  }
}
