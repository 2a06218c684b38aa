import type { CoreEnvironment } from '#core';
import type { StoredRecord } from '#protocol';
import type { RuntimeRules } from '#runtime';
import {
  CommandTopic,
  EventLogBroker,
  GroupCoordinator,
  SeededRandom,
  SnapshotDatabase,
  VirtualClock,
  VirtualScheduler,
} from '../memory/index.js';
import { Checker } from './checker.js';
import { type AdapterMutant, FaultPlan } from './fault-plan.js';
import type { Profile } from './profile.js';

/** What is switched off in a run, to show that the simulation would notice. */
export interface Mutant extends AdapterMutant {
  readonly rules?: Partial<RuntimeRules>;
}

/** Everything outside the processes, shared by them. */
export class World {
  readonly random: SeededRandom;
  readonly scheduler = new VirtualScheduler();
  readonly wire = new VirtualClock(this.scheduler);
  readonly startAt = this.scheduler.now();
  readonly broker: EventLogBroker;
  readonly topic: CommandTopic;
  readonly database: SnapshotDatabase;
  readonly coordinator = new GroupCoordinator();
  readonly checker: Checker;
  readonly faults: FaultPlan;
  /** Partitions whose commands topic has lost commands. */
  readonly lostCommands = new Set<number>();
  /** Partitions one of whose topics was recreated. */
  readonly replaced = new Set<number>();
  /** Readable lines, kept only where a run is told again. */
  readonly trace: string[] | undefined;
  /** Hears of every execution that a caller was told of. */
  onAcknowledged: ((workflowId: string, executionId: string) => void) | undefined;

  constructor(
    readonly profile: Profile,
    readonly core: CoreEnvironment,
    readonly mutant: Mutant,
    traced: boolean,
  ) {
    this.random = new SeededRandom(profile.seed + 1);
    this.trace = traced ? [] : undefined;
    this.broker = new EventLogBroker(() => this.scheduler.now());
    this.topic = new CommandTopic(profile.partitions, () => this.scheduler.now());
    this.database = new SnapshotDatabase((partition) => this.#stored(partition));
    this.checker = new Checker({
      broker: this.broker,
      topic: this.topic,
      database: this.database,
      now: () => this.scheduler.now(),
      dedupeWindowMs: profile.dedupeWindowMs,
    });
    this.faults = new FaultPlan(this.random.fork(), profile, mutant);
    this.broker.onAppend = (partition, records) => {
      this.note(() => `log ${partition} <- ${records.map(describeRecord).join(' · ')}`);
      this.checker.appended(partition, records);
    };
  }

  get partitions(): readonly number[] {
    return Array.from({ length: this.profile.partitions }, (_, index) => index);
  }

  /** Adds a line to the trace, where there is one. */
  note(line: () => string): void {
    this.trace?.push(`${String(this.scheduler.now() - this.startAt).padStart(7)} ms  ${line()}`);
  }

  #stored(partition: number): void {
    const { row } = this.database.tables(partition);
    this.note(() => `database ${partition} <- checkpoint ${row?.offset} commands ${row?.commandOffset} claimed ${row?.claimedEpoch}`);
    this.checker.stored(partition);
  }
}

function describeRecord({ offset, key, headers }: StoredRecord): string {
  const position = headers.commandOffset === undefined ? '' : ` [${headers.commandOffset}; ${headers.decidedAbove ?? ''}]`;
  return `${offset} ${headers.type} ${key}${position}`;
}
