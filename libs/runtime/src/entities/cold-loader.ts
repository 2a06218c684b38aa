import { fromStore } from '../checkpoint/from-store.js';
import type { PartitionContext } from '../control/context.js';
import { StoppedError } from '../control/waiting.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import type { EntityTable } from './entity-table.js';

const maxKeysPerLoad = 500;

/** What the loader tells: entities came in, or something is wrong for good. */
export interface LoadListener {
  loaded(keys: readonly string[]): void;
  failed(error: unknown): void;
}

/** Loads entities and first answers that are not in memory, in batches, one load at a time, off the hot path. */
export class ColdLoader {
  readonly #wantedKeys = new Set<string>();
  readonly #wantedIds = new Set<string>();
  #loading: ReadonlySet<string> = new Set();
  #busy = false;
  #era = 0;

  constructor(
    readonly context: PartitionContext,
    readonly table: EntityTable,
    readonly answers: AnswerMemory,
    readonly listener: LoadListener,
  ) {}

  wantEntity(key: string): void {
    if (!this.#loading.has(key)) this.#wantedKeys.add(key);
  }

  /** Wants these entities and starts at once. */
  load(keys: readonly string[]): void {
    for (const key of keys) this.wantEntity(key);
    this.flush();
  }

  wantAnswer(commandId: string): void {
    this.#wantedIds.add(commandId);
  }

  /** An entity that is being loaded must not leave memory meanwhile: what comes back would be older than it. */
  isLoading(key: string): boolean {
    return this.#loading.has(key) || this.#wantedKeys.has(key);
  }

  /** Starts a load where something is wanted and none runs. */
  flush(): void {
    if (this.#busy || (this.#wantedKeys.size === 0 && this.#wantedIds.size === 0)) return;
    this.#busy = true;
    this.#load().then(
      (keys) => this.#done(keys),
      (error: unknown) => {
        this.#busy = false;
        this.#loading = new Set();
        if (!(error instanceof StoppedError)) this.listener.failed(error);
      },
    );
  }

  /** Memory was dropped: what is being loaded belongs to a log that is gone. */
  reset(): void {
    this.#era += 1;
    this.#wantedKeys.clear();
    this.#wantedIds.clear();
    this.#loading = new Set();
  }

  #done(keys: readonly string[]): void {
    this.#busy = false;
    this.listener.loaded(keys);
    this.flush();
  }

  async #load(): Promise<readonly string[]> {
    const era = this.#era;
    const keys = take(this.#wantedKeys);
    const ids = take(this.#wantedIds);
    this.#loading = new Set(keys);
    const { partition, ports } = this.context;
    const [snapshots, decided] = await fromStore(this.context, 'loading cold entities', () =>
      Promise.all([
        keys.length === 0 ? new Map<string, never>() : ports.snapshots.load(partition, keys),
        ids.length === 0 ? new Map<string, never>() : ports.snapshots.findCommands(partition, ids),
      ]),
    );
    this.#loading = new Set();
    if (era !== this.#era) return [];
    const now = ports.clock.now();
    for (const key of keys) this.table.install(key, snapshots.get(key), now);
    for (const id of ids) this.answers.lookedUp(id, decided.get(id));
    return keys;
  }
}

function take(from: Set<string>): string[] {
  const taken: string[] = [];
  for (const value of from) {
    if (taken.length === maxKeysPerLoad) break;
    taken.push(value);
  }
  for (const value of taken) from.delete(value);
  return taken;
}
