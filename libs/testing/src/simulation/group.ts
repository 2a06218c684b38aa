import type { SeededRandom } from '../memory/index.js';
import { SimProcess } from './sim-process.js';
import type { World } from './world.js';

const longestHandOverMs = 6_000;

/** The consumer group: which processes there are, and who is told what, when. */
export class Group {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #members: SimProcess[] = [];
  #born = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork();
    for (let index = 0; index < world.profile.processes; index += 1) this.join();
    for (const partition of world.partitions) this.move(partition);
  }

  get members(): readonly SimProcess[] {
    return this.#members;
  }

  get running(): readonly SimProcess[] {
    return this.#members.filter((one) => one.isRunning);
  }

  owner(partition: number): SimProcess | undefined {
    const instance = this.#world.coordinator.ownerOf(partition);
    return this.#members.find((one) => one.instance === instance);
  }

  join(): SimProcess {
    const process = new SimProcess(this.#world, `${'ABC'[this.#born % 3]}${Math.floor(this.#born / 3)}`);
    this.#born += 1;
    this.#members.push(process);
    this.#world.note(() => `${process.instance} joins`);
    return process;
  }

  /** Gives a partition to some running member; old and new owner hear of it at their own times. */
  move(partition: number): void {
    if (this.running.length > 0) this.#assign(partition, this.#random.pick(this.running));
  }

  crash(process: SimProcess): void {
    this.#world.note(() => `${process.instance} is killed`);
    process.crash();
    this.#remove(process);
  }

  pause(process: SimProcess, forMs: number): void {
    this.#world.note(() => `${process.instance} is stopped for ${forMs} ms`);
    process.pause();
    this.#world.wire.after(forMs, () => this.resume(process));
  }

  resume(process: SimProcess): void {
    if (process.lane.status !== 'held') return;
    this.#world.note(() => `${process.instance} goes on`);
    process.resume();
  }

  /** SIGTERM: hands off, leaves the group, ends. */
  async leave(process: SimProcess): Promise<void> {
    this.#world.note(() => `${process.instance} shuts down`);
    await process.handOff();
    process.crash();
    this.#remove(process);
  }

  /** A partition is to move from a living owner: that one hands it over, and when it has, or has taken too long, it is somebody else's. */
  async handOver(partition: number): Promise<void> {
    const owner = this.owner(partition);
    if (owner === undefined || !owner.isRunning) return;
    const { coordinator, wire } = this.#world;
    const since = coordinator.ownedSince(partition);
    const moveOnce = () => coordinator.ownedSince(partition) === since && this.move(partition);
    wire.after(longestHandOverMs, moveOnce);
    await owner.handOver(partition);
    moveOnce();
  }

  /** Partitions whose owner is gone or cannot answer go to somebody else. */
  reassignOrphans(alsoHeld: boolean): void {
    for (const partition of this.#world.partitions) {
      const status = this.owner(partition)?.lane.status ?? 'dead';
      if (status === 'dead' || (alsoHeld && status === 'held')) this.move(partition);
    }
  }

  superviseAll(): void {
    for (const process of this.running) process.supervise();
  }

  #assign(partition: number, process: SimProcess): void {
    const { coordinator } = this.#world;
    const before = this.owner(partition);
    if (before === process && process.runtimes.has(partition)) return;
    coordinator.assign(partition, process.instance);
    const { generation } = coordinator;
    this.#world.note(
      () => `the group moves ${partition} from ${before?.instance ?? 'nobody'} to ${process.instance}, generation ${generation}`,
    );
    this.#tell(process, partition, true, generation);
    if (before !== undefined && before !== process) this.#tell(before, partition, false, generation);
  }

  #tell(process: SimProcess, partition: number, isMine: boolean, generation: number): void {
    const delayMs = isMine ? this.#random.between(1, 300) : this.#random.between(1, this.#random.pick([20, 3000]));
    this.#world.scheduler.after(delayMs, () => process.told(partition, isMine, generation), process.lane);
  }

  #remove(process: SimProcess): void {
    const index = this.#members.indexOf(process);
    if (index >= 0) this.#members.splice(index, 1);
    this.#world.wire.after(this.#random.between(100, 3000), () => this.reassignOrphans(false));
    this.#world.wire.after(this.#random.between(200, 4000), () => this.join());
  }
}
