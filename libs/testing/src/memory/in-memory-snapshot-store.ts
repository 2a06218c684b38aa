import {
  type Checkpoint,
  type CheckpointRow,
  type ClaimOutcome,
  type Clock,
  type DecidedCommand,
  type Snapshot,
  type SnapshotBatch,
  type SnapshotStore,
  TransientError,
} from '#runtime';
import type { SnapshotDatabase } from './snapshot-database.js';
import { later } from './virtual-clock.js';

/** What happens to one statement: when it runs, when its answer comes, or that it fails (with or without having run). */
export interface StoreFault {
  readonly runMs: number;
  readonly answerMs: number;
  readonly fail?: 'before' | 'after';
}

export type StoreStatement = 'checkpoint' | 'claim' | 'save' | 'load' | 'findCommands' | 'dueBefore' | 'unfinishedOf';

/** Asked before every statement. */
export type StoreFaults = (statement: StoreStatement, partition: number) => StoreFault;

const immediate: StoreFault = { runMs: 0, answerMs: 0 };
export const faultlessStore: StoreFaults = () => immediate;

export interface InMemorySnapshotStoreOptions {
  readonly database: SnapshotDatabase;
  /** The process's clock: answers stop with it. */
  readonly clock: Clock;
  /** The database's own: statements on their way run whatever became of the sender. Default: `clock`. */
  readonly wire?: Clock;
  readonly faults?: StoreFaults;
  /** Breaks L10 on purpose, for mutants: the guard is looked at before the statement runs, and seq is not compared. */
  readonly isLoose?: boolean;
}

/** One process's connection to an in-memory database. A statement on its way runs late, but whole, whatever became of its sender. */
export class InMemorySnapshotStore implements SnapshotStore {
  readonly #database: SnapshotDatabase;
  readonly #clock: Clock;
  readonly #wire: Clock;
  readonly #faults: StoreFaults;

  readonly #isLoose: boolean;

  constructor(options: InMemorySnapshotStoreOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#wire = options.wire ?? options.clock;
    this.#faults = options.faults ?? faultlessStore;
    this.#isLoose = options.isLoose ?? false;
  }

  checkpoint(partition: number): Promise<CheckpointRow | undefined> {
    return this.#run('checkpoint', partition, () => this.#database.tables(partition).row);
  }

  claim(partition: number, expected: string | undefined, epoch: string, initial: Checkpoint, voided: boolean): Promise<ClaimOutcome> {
    return this.#run('claim', partition, () => this.#database.claim(partition, expected, { ...initial, claimedEpoch: epoch }, voided));
  }

  save(partition: number, epoch: string, batch: SnapshotBatch): Promise<'saved' | 'fenced'> {
    if (this.#isLoose) return this.#saveLoosely(partition, epoch, batch);
    return this.#run('save', partition, () => this.#database.save(partition, epoch, batch));
  }

  /** The mutant of L10: looks first, writes later, compares no seq. */
  async #saveLoosely(partition: number, epoch: string, batch: SnapshotBatch): Promise<'saved' | 'fenced'> {
    if (this.#database.tables(partition).row?.claimedEpoch !== epoch) return 'fenced';
    return this.#run('save', partition, () => {
      const claimed = this.#database.tables(partition).row?.claimedEpoch ?? epoch;
      this.#database.write(partition, claimed, batch, false);
      return 'saved';
    });
  }

  load(partition: number, keys: readonly string[]): Promise<ReadonlyMap<string, Snapshot>> {
    return this.#run('load', partition, () => pickKnown(this.#database.tables(partition).snapshots, keys));
  }

  findCommands(partition: number, commandIds: readonly string[]): Promise<ReadonlyMap<string, DecidedCommand>> {
    return this.#run('findCommands', partition, () => pickKnown(this.#database.tables(partition).decided, commandIds));
  }

  dueBefore(partition: number, before: number, limit: number): Promise<readonly { readonly key: string; readonly wakeAt: number }[]> {
    return this.#run('dueBefore', partition, () =>
      this.#unfinished(partition)
        .flatMap(({ key, wakeAt }) => (wakeAt !== undefined && wakeAt <= before ? [{ key, wakeAt }] : []))
        .sort((a, b) => a.wakeAt - b.wakeAt || compareText(a.key, b.key))
        .slice(0, limit),
    );
  }

  unfinishedOf(partition: number, workflowId: string, afterKey: string | undefined, limit: number): Promise<readonly string[]> {
    return this.#run('unfinishedOf', partition, () =>
      this.#unfinished(partition)
        .flatMap((one) => (one.kind === 'execution' ? [one.key] : []))
        .filter((key) => key.startsWith(`${workflowId}/`) && (afterKey === undefined || key > afterKey))
        .sort(compareText)
        .slice(0, limit),
    );
  }

  #unfinished(partition: number): Snapshot[] {
    return [...this.#database.tables(partition).snapshots.values()].filter((one) => !one.finished);
  }

  #run<T>(statement: StoreStatement, partition: number, body: () => T): Promise<T> {
    const { runMs, answerMs, fail } = this.#faults(statement, partition);
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(new TransientError(`the database cannot be asked now (${statement})`));
      if (fail === 'before') return later(this.#clock, answerMs, refuse);
      later(this.#wire, runMs, () => {
        const result = body();
        later(this.#clock, answerMs, fail === 'after' ? refuse : () => resolve(result));
      });
    });
  }
}

function pickKnown<T>(all: ReadonlyMap<string, T>, keys: readonly string[]): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const key of keys) {
    const value = all.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
