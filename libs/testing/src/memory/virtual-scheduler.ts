/** Whose events they are. A held lane keeps its events back (a stopped process); a dead one loses them (a killed process). */
export interface Lane {
  readonly name: string;
  status: 'running' | 'held' | 'dead';
}

interface ScheduledEvent {
  at: number;
  order: number;
  readonly lane: Lane | undefined;
  callback: (() => void) | undefined;
}

/** Lets every promise that can go on go on: the microtask queue is empty when this resolves. About one microsecond. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A queue of events in virtual time (epoch milliseconds). Equal times run in the order in which they were scheduled. */
export class VirtualScheduler {
  #now: number;
  #order = 0;
  readonly #heap: ScheduledEvent[] = [];
  readonly #heldBack = new Map<Lane, ScheduledEvent[]>();

  constructor(startAt = 1_700_000_000_000) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  /** Runs `callback` once, `delayMs` later, unless cancelled or its lane is dead by then. */
  after(delayMs: number, callback: () => void, lane?: Lane): () => void {
    const event: ScheduledEvent = { at: this.#now + Math.max(0, delayMs), order: this.#order++, lane, callback };
    this.#push(event);
    return () => {
      event.callback = undefined;
    };
  }

  /** Gives a held lane its missed events back, in their order, now. */
  release(lane: Lane): void {
    const missed = this.#heldBack.get(lane) ?? [];
    this.#heldBack.delete(lane);
    lane.status = 'running';
    for (const event of missed) {
      event.at = this.#now; // the same event, so that it can still be cancelled
      event.order = this.#order++;
      this.#push(event);
    }
  }

  /** The time of the next event, or undefined when nothing is scheduled. */
  nextAt(): number | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].callback === undefined) this.#pop();
    return this.#heap[0]?.at;
  }

  /** Moves to the next event and runs it. False when there is none. The caller lets promises settle afterwards. */
  step(): boolean {
    if (this.nextAt() === undefined) return false;
    const event = this.#pop();
    if (event === undefined) return false;
    this.#now = Math.max(this.#now, event.at);
    this.#run(event);
    return true;
  }

  /** Runs everything due within `ms`, letting promises settle after each event, then stands at that time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.nextAt(); next !== undefined && next <= end; next = this.nextAt()) {
      this.step();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  #run(event: ScheduledEvent): void {
    const { callback, lane } = event;
    if (callback === undefined || lane?.status === 'dead') return;
    if (lane?.status === 'held') {
      const missed = this.#heldBack.get(lane) ?? [];
      missed.push(event);
      this.#heldBack.set(lane, missed);
      return;
    }
    event.callback = undefined;
    callback();
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return top;
  }

  #sink(event: ScheduledEvent): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && isBefore(right, below)) {
        child += 1;
        below = right;
      }
      if (below === undefined || !isBefore(below, event)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = event;
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
