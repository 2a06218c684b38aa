import type { PartitionContext } from '../control/context.js';
import type { ColdLoader } from '../entities/cold-loader.js';
import type { Entity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';

const maxLoadMs = 5_000;

type Resolve = (entity: Entity | undefined) => void;

/** Entities that queries wait for while they are loaded. */
export class EntityRequests {
  readonly #waiting = new Map<string, Set<Resolve>>();

  constructor(
    readonly context: PartitionContext,
    readonly table: EntityTable,
    readonly loader: ColdLoader,
  ) {}

  /** Undefined when it takes more than five seconds, or the partition is not serving. */
  get(key: string): Promise<Entity | undefined> {
    const hot = this.table.get(key);
    if (hot !== undefined) {
      hot.usedAt = this.context.clock.now();
      return Promise.resolve(hot);
    }
    if (this.context.standing.phase !== 'active') return Promise.resolve(undefined);
    return new Promise((resolve) => this.#wait(key, resolve));
  }

  /** These are in memory now. */
  loaded(keys: Iterable<string>): void {
    for (const key of keys) for (const resolve of [...(this.#waiting.get(key) ?? [])]) resolve(this.table.get(key));
  }

  endAll(): void {
    for (const resolves of [...this.#waiting.values()]) for (const resolve of [...resolves]) resolve(undefined);
  }

  #wait(key: string, resolve: Resolve): void {
    const waiting = this.#waiting.get(key) ?? new Set<Resolve>();
    this.#waiting.set(key, waiting);
    const done: Resolve = (entity) => {
      cancel();
      waiting.delete(done);
      if (waiting.size === 0) this.#waiting.delete(key);
      resolve(entity);
    };
    const cancel = this.context.clock.after(maxLoadMs, () => done(undefined));
    waiting.add(done);
    this.loader.wantEntity(key);
    this.loader.flush();
  }
}
