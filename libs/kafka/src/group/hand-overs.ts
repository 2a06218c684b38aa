/** While somebody hands over, the next rebalance is to be heard of at once: what moves has no owner until then. */
const settlingBeatMs = 20;
const settlingMs = 3_000;

/** Partitions that this member brings to their end so that another may have them (KIP-429's "revoke, then join again"). */
export class HandOvers {
  readonly #underWay = new Set<number>();
  #settlingUntil = 0;

  constructor(private readonly end: ((partitions: readonly number[]) => Promise<void>) | undefined) {}

  /** Whether this process can; else what moves from it is lost at once. */
  get isAble(): boolean {
    return this.end !== undefined;
  }

  /** How long to wait for the next heartbeat, where it would be `usualMs`. */
  beatMs(usualMs: number): number {
    return performance.now() < this.#settlingUntil ? settlingBeatMs : usualMs;
  }

  /** Whether the latest assignment says that some member hands over. */
  set settling(isSettling: boolean) {
    this.#settlingUntil = isSettling ? performance.now() + settlingMs : 0;
  }

  /** What was gained anew is not what is being ended here. */
  begunAnew(partitions: readonly number[]): void {
    for (const partition of partitions) this.#underWay.delete(partition);
  }

  /** Ends those that are not being ended already; resolves with the ones that are over, for which the group can be asked to give them away. */
  async run(partitions: readonly number[]): Promise<readonly number[]> {
    const mine = partitions.filter((partition) => !this.#underWay.has(partition));
    if (mine.length === 0 || this.end === undefined) return [];
    for (const partition of mine) this.#underWay.add(partition);
    await this.end(mine);
    return mine.filter((partition) => this.#underWay.delete(partition));
  }
}
