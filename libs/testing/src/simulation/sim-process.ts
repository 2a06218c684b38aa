import { acceptableHalts, type OwnerAnswer, type OwnerQuery } from '#protocol';
import { allRules, PartitionRuntime, type RuntimePorts, type RuntimeSettings } from '#runtime';
import {
  InMemoryCommandLog,
  InMemoryMembership,
  InMemoryPartitionLog,
  InMemoryReplySink,
  InMemorySnapshotStore,
  type Lane,
  recordingObserver,
  SeededIds,
  VirtualClock,
} from '../memory/index.js';
import { WatchedWorkRunner } from './work-scripts.js';
import type { World } from './world.js';

const uninteresting = new Set(['appended', 'commandDecided', 'executionEnded', 'snapshotsSaved']);

const restartAfterMs = 1000;
const acceptAfterMs = 1500;

/** One engine process: its own clock, ports and partition runtimes over the shared world. */
export class SimProcess {
  readonly lane: Lane;
  readonly runtimes = new Map<number, PartitionRuntime>();
  readonly #world: World;
  readonly #ports: RuntimePorts;
  readonly #clock: VirtualClock;
  readonly #skewMs: number;
  readonly #settings: RuntimeSettings;
  readonly #wanted = new Set<number>();
  readonly #told = new Map<number, number>();
  readonly #changing = new Set<number>();
  /** Partitions whose runtime belongs to an earlier assignment. */
  readonly #outdated = new Set<number>();

  constructor(
    world: World,
    readonly instance: string,
  ) {
    this.#world = world;
    this.lane = { name: instance, status: 'running' };
    const { profile, random } = world;
    this.#skewMs = random.between(-profile.clockSkewMs, profile.clockSkewMs);
    this.#clock = new VirtualClock(world.scheduler, this.lane, this.#skewMs);
    this.#ports = this.#connect(this.#clock);
    this.#settings = settingsOf(world, instance);
  }

  get isRunning(): boolean {
    return this.lane.status === 'running';
  }

  /** The group's word on a partition; an older generation's is ignored. */
  told(partition: number, isMine: boolean, generation: number): void {
    if ((this.#told.get(partition) ?? -1) >= generation) return;
    this.#told.set(partition, generation);
    // What is given anew was somebody else's in between, whether or not this process ever heard of the loss: it begins anew.
    if (this.runtimes.has(partition)) this.#outdated.add(partition);
    if (isMine) this.#wanted.add(partition);
    else this.#wanted.delete(partition);
    void this.#change(partition, 'lost');
  }

  /** What an engine does now and then: a runtime that stood down although the group still names this process begins again. */
  supervise(): void {
    for (const [partition, runtime] of this.runtimes) {
      const { state, since } = runtime.status();
      const forMs = this.#ports.clock.now() - since;
      if (state === 'stopped' && forMs >= restartAfterMs) void this.#change(partition, 'lost');
      if (state === 'halted' && forMs >= acceptAfterMs) void this.#accept(partition, runtime);
    }
  }

  /** A graceful end: everything is handed off; resolves when nothing runs any more. */
  async handOff(): Promise<void> {
    const partitions = [...this.runtimes.keys()];
    this.#wanted.clear();
    await Promise.all(partitions.map((partition) => this.#change(partition, 'handOff')));
  }

  /** Hands one partition off while the process goes on; resolves when another may have it, and what it dispatched may still be ending. */
  async handOver(partition: number): Promise<void> {
    const runtime = this.runtimes.get(partition);
    if (runtime === undefined || this.#changing.has(partition)) return;
    this.#wanted.delete(partition);
    this.#world.note(() => `${this.instance} hands ${partition} over`);
    await runtime.handOff();
    void this.#change(partition, 'handOff');
  }

  /** kill -9. Requests on their way still arrive. */
  crash(): void {
    this.lane.status = 'dead';
    this.runtimes.clear();
  }

  pause(): void {
    this.lane.status = 'held';
  }

  resume(): void {
    this.#world.scheduler.release(this.lane);
  }

  /** Somebody sets its wall clock: so far off from where it was at first. */
  setClock(aheadMs: number): void {
    this.#clock.skewMs = this.#skewMs + aheadMs;
  }

  query(partition: number, query: OwnerQuery): Promise<OwnerAnswer> | undefined {
    return this.runtimes.get(partition)?.query(query);
  }

  async #change(partition: number, mode: 'lost' | 'handOff'): Promise<void> {
    if (this.#changing.has(partition)) return;
    this.#changing.add(partition);
    for (;;) {
      const runtime = this.runtimes.get(partition);
      const isThere = runtime !== undefined && runtime.status().state !== 'stopped' && !this.#outdated.has(partition);
      if (this.#wanted.has(partition) === isThere && (isThere || runtime === undefined)) break;
      if (runtime === undefined) this.#start(partition);
      else {
        // also where it stood down by itself: its threads must have ended before it begins anew (L6)
        this.runtimes.delete(partition);
        this.#outdated.delete(partition);
        this.#world.note(() => `${this.instance} gives up ${partition} (${mode})`);
        await runtime.stop(mode);
      }
    }
    this.#changing.delete(partition);
  }

  #start(partition: number): void {
    this.#world.note(() => `${this.instance} begins with ${partition}`);
    this.#make(partition).start('assigned');
  }

  #make(partition: number): PartitionRuntime {
    const rules = { ...allRules, ...this.#world.mutant.rules };
    const runtime = new PartitionRuntime(partition, this.#ports, this.#settings, rules);
    this.runtimes.set(partition, runtime);
    return runtime;
  }

  /** The operator: looks at what stands still, and accepts it, from whichever end. */
  async #accept(partition: number, halted: PartitionRuntime): Promise<void> {
    const { reason = '' } = halted.status();
    const code = acceptableHalts.find((one) => reason.startsWith(`${one}:`));
    if (code === undefined || this.#changing.has(partition) || !this.#wanted.has(partition)) return;
    this.#changing.add(partition);
    const from = this.#world.random.pick(['earliest', 'latest'] as const);
    this.#world.note(() => `an operator accepts ${code} of ${partition} at ${this.instance}, from ${from}`);
    await halted.stop('lost');
    this.#outdated.delete(partition);
    void this.#make(partition).startAccepting({ code, from });
    this.#changing.delete(partition);
    void this.#change(partition, 'lost'); // what was told meanwhile
  }

  #connect(clock: VirtualClock): RuntimePorts {
    const world = this.#world;
    const { faults, wire, checker, instance } = { ...world, wire: world.wire, instance: this.instance };
    return {
      clock,
      log: new InMemoryPartitionLog({ broker: world.broker, clock, wire, faults }),
      commands: new InMemoryCommandLog(world.topic, clock, faults),
      snapshots: new InMemorySnapshotStore({
        database: world.database,
        clock,
        wire,
        faults: faults.statement,
        isLoose: world.mutant.looseStatements ?? false,
      }),
      membership: new InMemoryMembership(world.coordinator, instance, clock, {
        faults: faults.heartbeat,
        knows: (partition) => this.#told.get(partition) ?? 0,
      }),
      replies: new InMemoryReplySink((sent) => {
        world.note(() => `${instance} replies ${sent.address.correlationId}: ${JSON.stringify(sent.reply)}`);
        checker.replied(sent);
        const { reply } = sent;
        if (reply.ok && typeof reply.result.executionId === 'string') world.onAcknowledged?.(reply.workflowId, reply.result.executionId);
      }),
      work: new WatchedWorkRunner(clock, checker, instance, world.profile.seed),
      random: new SeededIds(world.random.fork(), `${instance}-`),
      observer: recordingObserver(({ kind, partition, text }) => {
        if (!uninteresting.has(kind)) world.note(() => `${instance} ${kind} ${partition ?? ''} ${text}`);
        const isExpected = partition !== undefined && isHaltDue(world, partition, text);
        if ((kind === 'halted' && !isExpected) || kind === 'quarantined') checker.fail('I-19', `${instance} ${kind} ${partition}: ${text}`);
      }),
      core: world.core,
    };
  }
}

/** I-19: whether a partition may stand still like this. */
function isHaltDue({ lostCommands, replaced, checker }: World, partition: number, reason: string): boolean {
  if (reason.startsWith('COMMAND_POSITION_OUT_OF_RANGE:')) return lostCommands.has(partition) || replaced.has(partition);
  if (reason.startsWith('COMMANDS_REPLACED:')) return replaced.has(partition);
  return reason.startsWith('EVENTS_REPLACED:') && checker.isTorn;
}

function settingsOf({ profile }: World, instanceId: string): RuntimeSettings {
  const {
    partitions,
    maxBatchInputs,
    maxMailbox,
    maxDecidedAbove,
    snapshotEvery,
    maxReplay,
    snapshotIntervalMs,
    passivateAfterMs,
    dedupeWindowMs,
  } = profile;
  return {
    instanceId,
    address: `${instanceId}:1`,
    partitions,
    maxBatchInputs,
    maxAppendBytes: 500_000,
    maxBatchMs: 4,
    maxMailbox,
    maxMailboxBytes: 1_000_000,
    maxExecutionsPerWorkflow: 1_000_000,
    maxDecidedAbove,
    snapshotEvery,
    maxReplay,
    snapshotIntervalMs,
    passivateAfterMs,
    dedupeWindowMs,
    progressTimeoutMs: 20_000,
    freshForMs: 1000,
    wakeAheadMs: 500,
    maxClockSkewMs: 1000,
  };
}
