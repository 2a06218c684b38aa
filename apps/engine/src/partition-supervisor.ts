import type { AcceptAnswer, HaltAcceptance, OwnerAnswer, OwnerQueryRequest } from '#protocol';
import type { PartitionRuntime, PartitionStatus } from '#runtime';
import type { StandDowns } from './stand-downs.js';

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
  readonly #releasing = new Set<number>();
  #stopping = false;

  constructor(
    private readonly create: (partition: number) => PartitionRuntime,
    private readonly standDowns: Pick<StandDowns, 'mayBegin' | 'lost'>,
  ) {}

  /** A lost partition is dropped at once; a kept one is not touched: it goes on through the rebalance (design §6). */
  assignmentChanged({ gained, lost }: AssignmentChange): void {
    for (const partition of lost) {
      this.standDowns.lost(partition);
      void this.#drop(partition);
    }
    if (this.#stopping) return;
    for (const partition of gained) this.#begin(partition, 'assigned');
  }

  /** Hands partitions off that another member is to have, while the others go on. Bounded by each runtime's own limits; never rejects. */
  async release(partitions: readonly number[]): Promise<void> {
    await Promise.all(partitions.map((partition) => this.#release(partition)));
  }

  /** Begins anew with owned partitions whose runtime has stood down while the group still holds them here. */
  reviveStopped(owned: ReadonlySet<number>): void {
    if (this.#stopping) return;
    for (const partition of owned) {
      const isLeaving = this.#releasing.has(partition);
      if (!isLeaving && this.#runtimes.get(partition)?.state === 'stopped' && this.standDowns.mayBegin(partition))
        this.#begin(partition, 'stood down, still assigned');
    }
  }

  /** Has every partition that serves append something. */
  probe(): void {
    for (const runtime of this.#runtimes.values()) runtime.probe();
  }

  /** Hands everything off: appends in flight end, snapshots are written. Another process may own it when this resolves. */
  async handOff(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.handOff()));
  }

  /** Resolves when nothing of what was handed off or lost runs any more; bounded by each runtime's own limits. */
  async ended(): Promise<void> {
    await Promise.all([...this.#runtimes.keys()].map((partition) => this.#drop(partition)));
    await Promise.all(this.#ending.values());
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

  statusOf(partition: number): PartitionStatus | undefined {
    return this.#runtimes.get(partition)?.status();
  }

  /** Begins anew with a halted partition, carrying what an operator accepts (L11). Never rejects. */
  async restartAccepting(partition: number, acceptance: HaltAcceptance): Promise<AcceptAnswer> {
    const runtime = await this.#successor(partition);
    return runtime ? runtime.startAccepting(acceptance) : { status: 'notOwner' };
  }

  /** Whoever asks meanwhile is still answered by it. */
  async #release(partition: number): Promise<void> {
    const runtime = this.#runtimes.get(partition);
    if (!runtime) return;
    this.#releasing.add(partition);
    await runtime.handOff();
    this.#releasing.delete(partition);
    if (this.#runtimes.get(partition) === runtime) void this.#drop(partition);
  }

  #begin(partition: number, reason: string): void {
    void this.#successor(partition).then((runtime) => runtime?.start(reason));
  }

  /** A new runtime in the place of the former one, to be started; undefined where it is not wanted any more. */
  async #successor(partition: number): Promise<PartitionRuntime | undefined> {
    const ended = this.#drop(partition);
    const runtime = this.create(partition);
    this.#runtimes.set(partition, runtime);
    await ended; // L6: what the former runtime dispatched must have ended before its successor may dispatch the same attempt again.
    return this.#runtimes.get(partition) === runtime && !this.#stopping ? runtime : undefined;
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
