/** Waiting work, taken in turn from one key after the other: one busy workflow cannot keep the others waiting. */
export class FairQueue<Item> {
  private readonly lines = new Map<string, Item[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(key: string, item: Item): void {
    const line = this.lines.get(key);
    if (line === undefined) this.lines.set(key, [item]);
    else line.push(item);
    this.count += 1;
  }

  /** The oldest item of the key whose turn it is; that key then goes to the end. */
  next(): Item | undefined {
    const first = this.lines.entries().next();
    if (first.done === true) return undefined;
    const [key, line] = first.value;
    const item = line.shift();
    this.count -= 1;
    this.lines.delete(key);
    if (line.length > 0) this.lines.set(key, line);
    return item;
  }

  /** Takes an item out; false when it is not waiting. */
  remove(key: string, item: Item): boolean {
    const line = this.lines.get(key);
    const place = line?.indexOf(item) ?? -1;
    if (line === undefined || place < 0) return false;
    line.splice(place, 1);
    this.count -= 1;
    if (line.length === 0) this.lines.delete(key);
    return true;
  }

  /** How many wait, by key. */
  sizes(): ReadonlyMap<string, number> {
    return new Map([...this.lines].map(([key, line]) => [key, line.length]));
  }
}
