const maxHoldMs = 5 * 60_000;
/** Nothing for so many hold-downs: the next one is short again. */
const forgetAfterHolds = 4;
const maxRemembered = 1_000;

interface Hold {
  readonly at: number;
  readonly forMs: number;
}

/** At most one eviction of a process per hold-down, which doubles up to five minutes. A process that starts anew is another one. */
export class HoldDown {
  readonly #holds = new Map<string, Hold>();

  constructor(private readonly firstHoldMs: number) {}

  isHeld(process: string, now: number): boolean {
    const hold = this.#holds.get(process);
    return hold !== undefined && now - hold.at < hold.forMs;
  }

  evicted(process: string, now: number): void {
    const before = this.#holds.get(process);
    const isRepeated = before !== undefined && now - before.at < before.forMs * forgetAfterHolds;
    const forMs = isRepeated ? Math.min(maxHoldMs, before.forMs * 2) : this.firstHoldMs;
    this.#holds.delete(process);
    this.#holds.set(process, { at: now, forMs });
    const [oldest] = this.#holds.keys();
    if (this.#holds.size > maxRemembered && oldest !== undefined) this.#holds.delete(oldest);
  }
}
