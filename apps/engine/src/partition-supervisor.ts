import type { OwnerAnswer, OwnerQueryRequest } from '#protocol';
import type { PartitionRuntime, PartitionStatus } from '#runtime';

/** What changed with a new assignment of the consumer group. */
export interface AssignmentChange {
  readonly gained: readonly number[];
  readonly lost: readonly number[];
}

/** The partition runtimes of this process: one per owned partition, started and ended as the group says. */
export class PartitionSupervisor {
  readonly #runtimes = new Map<number, PartitionRuntime>();
  /** Runtimes that are on their way out, by partition. */
  readonly #ending = new Map<number, Promise<void>>();
  #stopping = false;

  constructor(private readonly create: (partition: number) => PartitionRuntime) {}

  /** A lost partition is dropped at once; a kept one is not touched: it goes on through the rebalance (design §6). */
  assignmentChanged({ gained, lost }: AssignmentChange): void {
    for (const partition of lost) void this.#drop(partition);
    if (this.#stopping) return;
    for (const partition of gained) this.#begin(partition, 'assigned');
  }

  /** Begins anew with owned partitions whose runtime has stood down while the group still holds them here. */
  reviveStopped(owned: ReadonlySet<number>): void {
    if (this.#stopping) return;
    for (const partition of owned) {
      if (this.#runtimes.get(partition)?.status().state === 'stopped') this.#begin(partition, 'stood down, still assigned');
    }
  }

  /** Hands everything off: appends in flight end, snapshots are written. Bounded by each runtime's own limits. */
  async handOff(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.stop('handOff')));
    await Promise.all(this.#ending.values());
    this.#runtimes.clear();
  }

  query(request: OwnerQueryRequest): Promise<OwnerAnswer> {
    const runtime = this.#runtimes.get(request.partition);
    return runtime ? runtime.query(request.query) : Promise.resolve({ status: 'notOwner' });
  }

  statuses(): PartitionStatus[] {
    return [...this.#runtimes.values()].map((runtime) => runtime.status());
  }

  /** Next undecided command by partition: what the group's committed offsets show. */
  positions(): ReadonlyMap<number, number> {
    const positions = new Map<number, number>();
    for (const [partition, runtime] of this.#runtimes) {
      const position = runtime.commandPosition();
      if (position !== undefined) positions.set(partition, position);
    }
    return positions;
  }

  #begin(partition: number, reason: string): void {
    const ended = this.#drop(partition);
    const runtime = this.create(partition);
    this.#runtimes.set(partition, runtime);
    // L6: what the former runtime dispatched must have ended before its successor may dispatch the same attempt again.
    void ended.then(() => {
      if (this.#runtimes.get(partition) === runtime && !this.#stopping) runtime.start(reason);
    });
  }

  #drop(partition: number): Promise<void> {
    const runtime = this.#runtimes.get(partition);
    if (!runtime) return this.#ending.get(partition) ?? Promise.resolve();
    this.#runtimes.delete(partition);
    const before = this.#ending.get(partition);
    const ended = Promise.all([before, runtime.stop('lost')]).then(() => {
      if (this.#ending.get(partition) === ended) this.#ending.delete(partition);
    });
    this.#ending.set(partition, ended);
    return ended;
  }
}
