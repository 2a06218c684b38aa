import type { CoreEnvironment } from '#core';
import { settle } from '../memory/index.js';
import { Chaos } from './chaos.js';
import { Group } from './group.js';
import type { Violation } from './invariants.js';
import { type Profile, profileOf } from './profile.js';
import { ProgramWriter } from './program.js';
import { Questions } from './questions.js';
import { unrest } from './rest.js';
import { type Mutant, World } from './world.js';

export interface SeedResult {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Readable lines, when asked for. */
  readonly trace: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  readonly records: number;
  readonly fences: number;
  readonly replies: number;
}

export interface SeedOptions {
  readonly core: CoreEnvironment;
  readonly mutant?: Mutant;
  readonly traced?: boolean;
  readonly profile?: Profile;
}

const healingLimitMs = 180_000;
/** An append whose answer was lost before everything healed is in doubt only after its time-out. */
const lastDoubtMs = 4000;
const maxSteps = 400_000;

/** Runs one seed from its first command to rest. The same seed gives the same run, event for event. */
export function runSeed(seed: number, options: SeedOptions): Promise<SeedResult> {
  const world = new World(options.profile ?? profileOf(seed), options.core, options.mutant ?? {}, options.traced === true);
  return new SeedRun(world).run();
}

class SeedRun {
  readonly #world: World;
  readonly #group: Group;
  readonly #questions: Questions;
  #steps = 0;
  #lastCommandAt = 0;

  constructor(world: World) {
    this.#world = world;
    this.#group = new Group(world);
    this.#questions = new Questions(world, this.#group);
    world.onAcknowledged = (workflowId, executionId) => this.#questions.acknowledged(workflowId, executionId);
  }

  async run(): Promise<SeedResult> {
    const world = this.#world;
    const { profile } = world;
    this.#produce();
    const chaos = new Chaos(world, this.#group);
    this.#watch();
    await this.#until(() => world.scheduler.now() >= world.startAt + profile.faultPhaseMs);
    chaos.end();
    await this.#heal();
    await this.#examine('at rest');
    await this.#startOver();
    return this.#result();
  }

  #produce(): void {
    const { profile, startAt, wire, topic, checker, random } = this.#world;
    const { partitions, isSpread } = profile;
    const writer = new ProgramWriter(random.fork(), {
      partitions,
      startAt,
      isDated: profile.dedupeWindowMs < profile.faultPhaseMs,
      isSpread,
    });
    for (const { atMs, record, onPartition } of writer.write(profile.inputs, profile.faultPhaseMs)) {
      checker.replies.produced(record);
      checker.lateRefusals.produced(record);
      this.#lastCommandAt = startAt + atMs;
      wire.after(atMs, () => {
        const { partition, offset } = topic.produce(record, onPartition);
        this.#world.note(() => `commands ${partition} <- ${offset} ${record.headers?.['correlation-id']} ${record.value}`);
      });
    }
  }

  /** Looks in from time to time: questions, group offsets. */
  #watch(): void {
    const { wire, random } = this.#world;
    wire.after(random.between(20, this.#world.faults.active ? 200 : 1000), () => {
      if (this.#world.faults.active) this.#questions.askSome();
      this.#checkGroupOffsets();
      this.#watch();
    });
  }

  #checkGroupOffsets(): void {
    const { checker } = this.#world;
    if (checker.isTorn) return;
    for (const { instance, runtimes } of this.#group.running) {
      for (const [partition, runtime] of runtimes) {
        if (this.#world.replaced.has(partition)) continue; // old numbers in what is on its way out
        const next = checker.history(partition).nextCommand;
        if ((runtime.commandPosition() ?? 0) > next) {
          checker.fail('I-18', `${instance} would commit ${runtime.commandPosition()} of ${partition}, the log says ${next}`);
        }
      }
    }
  }

  /** I-14: rest must come by itself; I-22: with a bounded number of take-overs. */
  async #heal(): Promise<void> {
    const { scheduler, checker } = this.#world;
    const limit = scheduler.now() + healingLimitMs;
    const earliest = Math.max(scheduler.now(), this.#lastCommandAt) + lastDoubtMs;
    const fences = this.#fences();
    let quietSince = Number.POSITIVE_INFINITY;
    let nextLook = 0;
    let reason: string | undefined = 'not looked yet';
    await this.#until(() => {
      if (scheduler.now() < nextLook) return false;
      nextLook = scheduler.now() + 100;
      this.#group.superviseAll();
      this.#group.reassignOrphans(false);
      reason = unrest(this.#world, this.#group);
      quietSince = reason === undefined ? Math.min(quietSince, scheduler.now()) : Number.POSITIVE_INFINITY;
      return scheduler.now() >= Math.min(Math.max(quietSince + 1500, earliest), limit);
    });
    if (reason !== undefined) checker.fail('I-14', `no rest after ${healingLimitMs} ms without faults: ${reason}`);
    const since = this.#fences() - fences;
    if (since > 40) checker.fail('I-22', `${since} fences after everything healed`);
  }

  /** Everything that can be said of a run at rest. */
  async #examine(when: string): Promise<void> {
    const { checker, partitions } = this.#world;
    if (checker.violation !== undefined) return;
    this.#world.note(() => `examined ${when}`);
    for (const partition of partitions) {
      checker.reread(partition);
      checker.checkStored(partition);
      checker.checkLeftovers(partition);
      checker.checkFinalPosition(partition);
    }
    if (!checker.isTorn) checker.checkEnd(this.#world.lostCommands.size + this.#world.replaced.size === 0);
    let isDone = false;
    void this.#questions.askAll().then(() => {
      isDone = true;
    });
    const limit = this.#world.scheduler.now() + 30_000;
    await this.#until(() => isDone || this.#world.scheduler.now() > limit);
    if (!isDone) checker.fail('I-14', `questions are not answered ${when}`);
  }

  /** All processes are killed; a fresh one recovers everything from snapshots and tails alone. */
  async #startOver(): Promise<void> {
    const { checker, scheduler, partitions } = this.#world;
    if (checker.violation !== undefined) return;
    for (const process of [...this.#group.members]) this.#group.crash(process);
    this.#group.join();
    for (const partition of partitions) this.#group.move(partition);
    const limit = scheduler.now() + 20_000;
    await this.#until(() => unrest(this.#world, this.#group) === undefined || scheduler.now() > limit);
    const reason = unrest(this.#world, this.#group);
    if (reason !== undefined) return checker.fail('I-14', `a fresh process does not get to rest: ${reason}`);
    await this.#examine('after a fresh start');
  }

  /** Runs event by event, letting promises settle in between, until the condition holds or an invariant is broken. */
  async #until(condition: () => boolean): Promise<void> {
    const { scheduler, checker } = this.#world;
    while (checker.violation === undefined && !condition()) {
      if (!scheduler.step()) return checker.fail('I-14', 'nothing is scheduled any more');
      await settle();
      this.#steps += 1;
      if (this.#steps > maxSteps) return checker.fail('I-14', `${maxSteps} events and no rest`);
    }
  }

  #fences(): number {
    return this.#world.checker.histories().reduce((sum, history) => sum + history.fences, 0);
  }

  #result(): SeedResult {
    const { profile, checker, trace, scheduler, startAt, partitions, broker } = this.#world;
    return {
      seed: profile.seed,
      violation: checker.violation,
      trace: trace ?? [],
      events: this.#steps,
      virtualMs: scheduler.now() - startAt,
      records: partitions.reduce((sum, partition) => sum + broker.end(partition), 0),
      fences: this.#fences(),
      replies: checker.replies.answered,
    };
  }
}
