import { type DatabaseCopy, SeededRandom } from '../memory/index.js';
import type { Group } from './group.js';
import type { FaultRates } from './profile.js';
import type { World } from './world.js';

const tickMs = 100;

/** Throws faults at a running group until told to stop. */
export class Chaos {
  readonly #world: World;
  readonly #group: Group;
  readonly #random: SeededRandom;
  /** Drawn apart, like their rate: a seed's other faults are what they were without clocks that are set. */
  readonly #clocks: SeededRandom;
  #isOver = false;
  readonly #eventsReplaced = new Set<number>();
  #backup: DatabaseCopy | undefined;

  constructor(world: World, group: Group) {
    this.#world = world;
    this.#group = group;
    this.#random = world.random.fork();
    this.#clocks = new SeededRandom(world.profile.seed * 11 + 6);
    this.#tick();
  }

  /** Everything heals: whoever stands still goes on, whoever is away comes back, nothing is late any more. */
  end(): void {
    this.#isOver = true;
    const { faults } = this.#world;
    faults.active = false;
    faults.brokerAway = false;
    faults.databaseAway = false;
    for (const process of this.#group.members) {
      process.setClock(0);
      this.#group.resume(process);
    }
    if (this.#group.running.length === 0) this.#group.join();
    this.#group.reassignOrphans(true);
    this.#world.note(() => 'everything heals');
    // An idle owner learns of a lost tail at its next append: give it one.
    if (this.#world.checker.isTorn)
      for (const partition of this.#world.partitions) this.#world.topic.produce({ key: 'w0', value: null }, partition);
  }

  #tick(): void {
    this.#world.wire.after(tickMs, () => {
      if (this.#isOver) return;
      this.#group.superviseAll();
      for (const [kind, act] of this.#acts) {
        if (this.#random.chance((this.#world.profile.rates[kind] * tickMs) / 1000)) act();
      }
      const { commandsReplaced, eventsReplaced, handOver, clockStep } = this.#world.profile.rates;
      const happens = (rate: number, random = this.#random) => rate > 0 && random.chance((rate * tickMs) / 1000);
      if (happens(commandsReplaced)) this.#replaceCommands();
      if (happens(eventsReplaced)) this.#replaceEvents();
      if (happens(handOver)) void this.#group.handOver(this.#random.pick(this.#world.partitions));
      if (happens(clockStep, this.#clocks)) this.#stepClock();
      this.#tick();
    });
  }

  readonly #acts: readonly (readonly [keyof FaultRates, () => void])[] = [
    ['crash', () => this.#onSomeProcess((process) => this.#group.crash(process))],
    ['pause', () => this.#pause()],
    ['handOff', () => this.#onSomeProcess((process) => void this.#group.leave(process))],
    ['rebalance', () => this.#group.move(this.#random.pick(this.#world.partitions))],
    ['brokerOutage', () => this.#outage('brokerAway')],
    ['databaseOutage', () => this.#outage('databaseAway')],
    ['compaction', () => this.#compact()],
    ['olderDatabase', () => this.#copyOrRestore()],
    ['powerLoss', () => this.#losePower()],
    ['commandLoss', () => this.#loseCommands()],
  ];

  #onSomeProcess(act: (process: Group['members'][number]) => void): void {
    if (this.#group.running.length > 0) act(this.#random.pick(this.#group.running));
  }

  #pause(): void {
    this.#onSomeProcess((process) => {
      const forMs = this.#random.between(100, this.#random.pick([1000, 9000]));
      this.#group.pause(process, forMs);
      if (this.#random.chance(0.7)) this.#world.wire.after(this.#random.between(50, forMs), () => this.#group.reassignOrphans(true));
    });
  }

  #stepClock(): void {
    if (this.#group.running.length === 0) return;
    const process = this.#clocks.pick(this.#group.running);
    const aheadMs = this.#clocks.between(-60_000, 60_000);
    this.#world.note(() => `the clock of ${process.instance} is set ${aheadMs} ms ahead`);
    process.setClock(aheadMs);
    if (this.#clocks.chance(0.5)) this.#world.wire.after(this.#clocks.between(100, 6000), () => process.setClock(0));
  }

  #outage(which: 'brokerAway' | 'databaseAway'): void {
    this.#world.faults[which] = true;
    this.#world.note(() => `${which} begins`);
    this.#world.wire.after(this.#random.between(200, 5000), () => {
      this.#world.faults[which] = false;
      this.#world.note(() => `${which} ends`);
    });
  }

  #compact(): void {
    for (const partition of this.#world.partitions) {
      const { end } = this.#world.broker.bounds(partition);
      this.#world.broker.compact(partition, this.#random.chance(0.5) ? end : this.#random.between(0, end));
      this.#world.note(() => `log ${partition} is compacted`);
      this.#world.checker.reread(partition);
    }
  }

  #copyOrRestore(): void {
    if (this.#backup === undefined) this.#backup = this.#world.database.backup();
    else {
      this.#world.note(() => 'an older database is restored');
      if (this.#random.chance(0.5)) for (const process of [...this.#group.members]) this.#group.crash(process);
      this.#world.database.restore(this.#backup);
      this.#backup = undefined;
    }
  }

  /** The log of a partition loses its last batches, and with some luck the processes are killed too. */
  #losePower(): void {
    const partition = this.#random.pick(this.#world.partitions);
    const starts = this.#world.broker.batchStarts(partition);
    if (starts.length === 0) return;
    const keep = this.#random.between(Math.max(0, starts.length - 12), starts.length - 1);
    const toOffset = starts[keep] ?? 0;
    this.#world.note(() => `log ${partition} loses everything from ${toOffset} on`);
    if (this.#random.chance(0.5)) for (const process of [...this.#group.running]) this.#group.crash(process);
    this.#world.broker.truncate(partition, toOffset);
    this.#world.topic.breakOff(partition); // one broker leads both, and has been away
    this.#world.checker.truncated(partition);
  }

  /** The commands topic is created anew, and grows before anybody looks, or is back: over what was decided of the old one, or not. */
  #replaceCommands(): void {
    const { topic, partitions, checker, replaced, wire } = this.#world;
    const partition = this.#random.pick(partitions);
    const count = this.#random.between(0, 2 * topic.bounds(partition).highWatermark + 2);
    if (this.#random.chance(0.6)) for (const process of [...this.#group.members]) this.#group.crash(process);
    topic.recreate(partition);
    replaced.add(partition);
    checker.commandsReplaced(partition);
    this.#world.note(() => `commands ${partition} are recreated, and ${count} follow`);
    wire.after(1, () => {
      for (let i = 0; i < count; i += 1) {
        const body = { commandId: `new${partition}.${wire.now()}.${i}`, type: 'ExecuteWorkflow', workflowId: `w${i % 3}`, data: {} };
        topic.produce({ key: body.workflowId, value: JSON.stringify(body) }, partition);
      }
    });
  }

  /** Everybody is down; the event log is created anew. Its commands are kept. */
  #replaceEvents(): void {
    const { broker, partitions, checker, replaced, topic, database, profile } = this.#world;
    const partition = this.#random.pick(partitions);
    if (this.#eventsReplaced.has(partition)) return; // a second time, the claim that followed the first acceptance may still be on its way
    this.#eventsReplaced.add(partition);
    for (const process of [...this.#group.members]) this.#group.crash(process);
    broker.truncate(partition, 0);
    replaced.add(partition);
    const { commandOffset = -1 } = database.tables(partition).row ?? {};
    const mustWait = commandOffset >= 0 && topic.bounds(partition).highWatermark > 0 && profile.rates.olderDatabase === 0;
    checker.eventsReplaced(partition, mustWait);
    this.#world.note(() => `log ${partition} is recreated${mustWait ? '; its commands are kept' : ''}`);
  }

  /** Retention or a recreated topic takes commands away that may not be decided. */
  #loseCommands(): void {
    const { topic, partitions, lostCommands } = this.#world;
    const partition = this.#random.pick(partitions);
    const { logStart, highWatermark } = topic.bounds(partition);
    topic.trim(partition, this.#random.between(logStart, highWatermark));
    lostCommands.add(partition);
    this.#world.note(() => `commands ${partition} now begin at ${topic.bounds(partition).logStart}`);
  }
}
