import { type CancelTimer, type Clock, FatalError } from '#runtime';
import { EntityMemory } from './entity-memory.js';
import type { EventFeed } from './event-feed.js';
import { type FoldedPartition, foldPartition } from './fold/fold-partition.js';
import { type SortedRecords, sortRecords } from './fold/sort-records.js';
import { PartitionFollower, type Stretch } from './partition-follower.js';
import { type ProjectionObserver, type ProjectorSettings, projectorDefaults } from './projection-observer.js';
import type { PartitionMove, Position, ProjectionBatch } from './rows.js';
import { PositionMovedError, type ProjectionStore } from './store/projection-store.js';

export interface ProjectorPorts {
  readonly feed: EventFeed;
  readonly store: ProjectionStore;
  readonly clock: Clock;
  readonly observer: ProjectionObserver;
}

interface SortedStretch extends Stretch {
  readonly sorted: SortedRecords;
  readonly to: Position;
  readonly taken: number;
}

const retryMs = 500;
const stillFollowingMs = 1_000;

/** Follows partitions of the event log and keeps the read model up to date: all partitions together, one transaction at a time. */
export class Projector {
  readonly #followers = new Map<number, PartitionFollower>();
  readonly #memory: EntityMemory;
  readonly #settings: ProjectorSettings;
  #turn = 0;
  #timer: { readonly due: number; readonly cancel: CancelTimer } | undefined;
  #cancelBeat: CancelTimer;
  #flushing: Promise<void> | undefined;
  #lastFlushAt = 0;
  #trouble: string | undefined;
  #stopped = false;

  constructor(
    private readonly ports: ProjectorPorts,
    settings: Partial<ProjectorSettings> = {},
  ) {
    this.#settings = { ...projectorDefaults, ...settings };
    this.#memory = new EntityMemory(ports.store, this.#settings.maxRemembered);
    this.#cancelBeat = ports.clock.after(stillFollowingMs, () => this.#beat());
  }

  /** Exactly these partitions from now on. Those that stay are not disturbed. */
  assign(partitions: readonly number[]): void {
    if (this.#stopped) return;
    const wanted = new Set(partitions);
    for (const [partition, follower] of this.#followers) {
      if (wanted.has(partition)) continue;
      follower.close();
      this.#followers.delete(partition);
    }
    for (const partition of wanted) if (!this.#followers.has(partition)) this.#followers.set(partition, this.#follower(partition));
  }

  /** Stops reading and waits for the transaction in flight. What was read and not written is read again by the next. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#cancelBeat();
    for (const follower of this.#followers.values()) follower.close();
    await this.#flushing;
  }

  /** Age of the oldest event that is not in the read model, ms. */
  lagMs(): number {
    const now = this.ports.clock.now();
    return Math.max(0, ...[...this.#followers.values()].map((follower) => follower.lagMs(now)));
  }

  /** What the projector waits for, by partition or in all; empty = everything is followed. */
  waiting(): readonly string[] {
    const reasons = [...this.#followers.values()].flatMap((follower) => follower.waitingFor ?? []);
    return this.#trouble === undefined ? reasons : [this.#trouble, ...reasons];
  }

  /** Next offset to project, by partition: for committing to the consumer group. */
  positions(): ReadonlyMap<number, number> {
    const following = [...this.#followers.values()].filter((follower) => follower.waitingFor === undefined);
    return new Map(following.map((follower) => [follower.partition, follower.position.offset]));
  }

  #follower(partition: number): PartitionFollower {
    const { settings, forget, arrived } = {
      settings: this.#settings,
      forget: (p: number) => this.#memory.forgetPartition(p),
      arrived: () => this.#schedule(),
    };
    return new PartitionFollower(partition, { ...this.ports, settings, forget, arrived });
  }

  #schedule(): void {
    if (this.#stopped || this.#flushing) return;
    const now = this.ports.clock.now();
    const regular = this.#lastFlushAt + (this.#trouble === undefined ? this.#settings.flushIntervalMs : retryMs);
    const due = this.#trouble === undefined && this.#mustNotWait() ? now : Math.max(now, regular);
    if (this.#timer && this.#timer.due <= due) return;
    this.#timer?.cancel();
    const cancel = this.ports.clock.after(due - now, () => {
      this.#timer = undefined;
      this.#flushing = this.#flush().finally(() => {
        this.#flushing = undefined;
        if (this.#waitingRecords() > 0) this.#schedule();
      });
    });
    this.#timer = { due, cancel };
  }

  #mustNotWait(): boolean {
    return this.#waitingRecords() >= this.#settings.maxBatchRecords || [...this.#followers.values()].some((follower) => follower.full);
  }

  #waitingRecords(): number {
    let count = 0;
    for (const follower of this.#followers.values()) count += follower.waitingRecords;
    return count;
  }

  async #flush(): Promise<void> {
    this.#lastFlushAt = this.ports.clock.now();
    const stretches = this.#nextStretches();
    if (stretches.length === 0) return;
    try {
      await this.#project(stretches);
      this.#trouble = undefined;
    } catch (error) {
      await this.#failed(stretches, error);
    }
  }

  /** A fair share of each partition, beginning with another one each time. */
  #nextStretches(): readonly SortedStretch[] {
    const followers = [...this.#followers.values()];
    this.#turn += 1;
    let room = this.#settings.maxBatchRecords;
    const stretches: SortedStretch[] = [];
    for (let i = 0; i < followers.length && room > 0; i += 1) {
      const stretch = followers[(i + this.#turn) % followers.length]?.next(room);
      if (!stretch) continue;
      room -= stretch.records.length;
      stretches.push(sorted(stretch));
    }
    return stretches;
  }

  async #project(stretches: readonly SortedStretch[]): Promise<void> {
    const { store, clock, observer } = this.ports;
    const startedAt = clock.now();
    const known = await this.#memory.knownFor(stretches.map((stretch) => stretch.sorted));
    const folded = stretches.map((stretch) => foldPartition(stretch.follower.partition, stretch.sorted, known));
    await store.write({ ...together(folded), moves: stretches.map((stretch) => moveOf(stretch, clock.now())) });
    for (const [index, stretch] of stretches.entries()) this.#written(stretch, folded[index]);
    const events = stretches.reduce((sum, stretch) => sum + stretch.sorted.events, 0);
    observer.projected({ partitions: stretches.length, events, durationMs: clock.now() - startedAt });
  }

  #written({ follower, taken, to, from, sorted: { unreadable } }: SortedStretch, folded: FoldedPartition | undefined): void {
    if (follower.position !== from) return; // closed or reopened meanwhile
    follower.written(taken, to);
    if (folded) this.#memory.remember(folded);
    for (const entity of folded?.stopped ?? []) this.ports.observer.entityStopped(follower.partition, entity);
    if (unreadable) follower.halt(`partition ${follower.partition}: ${unreadable.reason}`);
  }

  async #failed(stretches: readonly SortedStretch[], error: unknown): Promise<void> {
    if (error instanceof PositionMovedError) {
      const moved = new Set(error.partitions);
      for (const { follower } of stretches) if (moved.has(follower.partition)) follower.reopen(error.message);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof FatalError)) {
      this.#trouble = message;
      this.ports.observer.waiting(message);
    } else if (stretches.length > 1) {
      // Which partition it was shows when each is written alone.
      for (const stretch of stretches) await this.#project([stretch]).catch((one: unknown) => this.#failed([stretch], one));
    } else {
      stretches[0]?.follower.halt(`partition ${stretches[0].follower.partition}: ${message}`);
    }
  }

  #beat(): void {
    if (this.#stopped) return;
    const idle = [...this.#followers.values()].filter((follower) => follower.idle);
    const positions = idle.map(({ partition, position }) => ({ partition, offset: position.offset }));
    const noted = positions.length === 0 ? Promise.resolve() : this.ports.store.following(positions);
    noted
      .catch((error: unknown) => this.ports.observer.waiting(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        if (!this.#stopped) this.#cancelBeat = this.ports.clock.after(stillFollowingMs, () => this.#beat());
      });
  }
}

function sorted(stretch: Stretch): SortedStretch {
  const result = sortRecords(stretch.records, stretch.from.epoch);
  const offset = result.unreadable?.offset ?? stretch.nextOffset;
  const taken = result.unreadable ? stretch.records.findIndex((record) => record.offset === offset) : stretch.records.length;
  return { ...stretch, sorted: result, to: { offset, epoch: result.epoch }, taken };
}

function moveOf({ follower, from, to, records, taken }: SortedStretch, now: number): PartitionMove {
  const lastTimestamp = records[taken - 1]?.timestamp ?? now;
  return { partition: follower.partition, from, to, behindMs: Math.round(follower.behindMs(to.offset, lastTimestamp, now)) };
}

function together(folded: readonly FoldedPartition[]): Omit<ProjectionBatch, 'moves'> {
  return {
    executions: folded.flatMap((one) => one.rows.executions),
    executionEvents: folded.flatMap((one) => one.rows.executionEvents),
    workflows: folded.flatMap((one) => one.rows.workflows),
    versions: folded.flatMap((one) => one.rows.versions),
    outcomes: folded.flatMap((one) => one.rows.outcomes),
    clusterEvents: folded.flatMap((one) => one.rows.clusterEvents),
  };
}
