import type { StoredRecord } from '#protocol';
import { type Clock, FatalError } from '#runtime';
import type { EventFeed, EventSubscription } from './event-feed.js';
import type { ProjectionObserver, ProjectorSettings } from './projection-observer.js';
import type { Position } from './rows.js';
import { checkSameLog } from './same-log.js';
import type { ProjectionStore } from './store/projection-store.js';

export interface FollowerPorts {
  readonly feed: EventFeed;
  readonly store: ProjectionStore;
  readonly clock: Clock;
  readonly observer: ProjectionObserver;
  readonly settings: ProjectorSettings;
  /** Records have arrived. */
  readonly arrived: () => void;
  /** What is remembered of the partition's entities is void. */
  readonly forget: (partition: number) => void;
}

/** The next records of a partition to project, not yet taken away. */
export interface Stretch {
  readonly follower: PartitionFollower;
  readonly from: Position;
  readonly records: readonly StoredRecord[];
  readonly nextOffset: number;
}

const firstRetryMs = 200;
const lastRetryMs = 5_000;

/** One partition's log, read from where Postgres stands, kept in a bounded queue until it is written. */
export class PartitionFollower {
  #state: 'opening' | 'following' | 'halted' | 'closed' = 'opening';
  #reason = 'opening';
  #position: Position = { offset: 0, epoch: undefined };
  #records: StoredRecord[] = [];
  #end = 0;
  #highWatermark = 0;
  #readAt = 0;
  #paused = false;
  #subscription: EventSubscription | undefined;
  #generation = 0;
  readonly #openedAt: number;
  /** Of a halted partition: since when the read model lacks what came after. */
  #behindSince = 0;

  constructor(
    readonly partition: number,
    private readonly ports: FollowerPorts,
  ) {
    this.#openedAt = ports.clock.now();
    this.#start();
  }

  get position(): Position {
    return this.#position;
  }

  get waitingRecords(): number {
    return this.#state === 'following' ? this.#records.length : 0;
  }

  /** Its queue is full, so its reading has paused. */
  get full(): boolean {
    return this.#state === 'following' && this.#paused;
  }

  get idle(): boolean {
    return this.#state === 'following' && this.#records.length === 0 && this.#end >= this.#highWatermark;
  }

  /** Why the partition is not followed now; undefined while it is. */
  get waitingFor(): string | undefined {
    return this.#state === 'following' || this.#state === 'closed' ? undefined : this.#reason;
  }

  /** Age of the oldest record that is not projected, ms. */
  lagMs(now: number): number {
    if (this.#state === 'opening') return now - this.#openedAt;
    if (this.#state === 'halted') return now - this.#behindSince;
    const oldest = this.#records[0];
    return oldest ? Math.max(0, now - oldest.timestamp) : 0;
  }

  /** How far behind the log the read model is once a stretch up to `nextOffset` is written. */
  behindMs(nextOffset: number, lastTimestamp: number, now: number): number {
    return Math.max(0, nextOffset >= this.#highWatermark ? now - this.#readAt : now - lastTimestamp);
  }

  next(limit: number): Stretch | undefined {
    if (this.#state !== 'following' || this.#records.length === 0) return undefined;
    const records = this.#records.length <= limit ? this.#records.slice() : this.#records.slice(0, limit);
    const nextOffset = this.#records[records.length]?.offset ?? this.#end;
    return { follower: this, from: this.#position, records, nextOffset };
  }

  /** The first `count` records of the last stretch are written. */
  written(count: number, position: Position): void {
    this.#records.splice(0, count);
    this.#position = position;
    if (this.#paused && this.#records.length < this.ports.settings.maxWaitingRecords / 2) {
      this.#paused = false;
      this.#subscription?.resume();
    }
  }

  /** Drops what waits and begins again from where Postgres stands, after `delayMs`. */
  reopen(reason: string, delayMs = 0): void {
    if (this.#state === 'closed') return;
    this.#leave('opening', reason);
    const generation = this.#generation;
    this.ports.clock.after(delayMs, () => {
      if (generation === this.#generation) this.#start();
    });
  }

  halt(reason: string): void {
    if (this.#state === 'closed') return;
    this.#behindSince = this.#records[0]?.timestamp ?? this.ports.clock.now();
    this.#leave('halted', reason);
    this.ports.observer.halted(this.partition, reason);
  }

  close(): void {
    this.#leave('closed', 'closed');
  }

  #leave(state: 'opening' | 'halted' | 'closed', reason: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#generation += 1; // what an earlier opening or subscription still brings is not ours any more
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#records = [];
    this.#paused = false;
    this.ports.forget(this.partition);
  }

  #start(retryMs = firstRetryMs): void {
    const generation = this.#generation;
    this.#open(generation).catch((error: unknown) => {
      if (generation !== this.#generation) return;
      const reason = `partition ${this.partition}: ${error instanceof Error ? error.message : String(error)}`;
      if (error instanceof FatalError) return this.halt(reason);
      this.#reason = reason;
      this.ports.observer.waiting(reason);
      this.ports.clock.after(retryMs, () => {
        if (generation === this.#generation) this.#start(Math.min(retryMs * 2, lastRetryMs));
      });
    });
  }

  async #open(generation: number): Promise<void> {
    const { feed, store, observer } = this.ports;
    const { logStart } = await feed.bounds(this.partition);
    let position = await store.open(this.partition, { offset: logStart, epoch: undefined });
    const check = await checkSameLog(feed, this.partition, position);
    if (generation !== this.#generation) return;
    if (!check.same) {
      observer.rebuilding(this.partition, check.reason); // L11: loudly
      position = await store.restart(this.partition, position, { offset: check.logStart, epoch: undefined });
    }
    if (generation === this.#generation) this.#follow(generation, position);
  }

  #follow(generation: number, position: Position): void {
    this.#position = position;
    this.#end = position.offset;
    this.#highWatermark = 0;
    this.#readAt = this.ports.clock.now();
    this.#state = 'following';
    this.#subscription = this.ports.feed.subscribe(this.partition, position.offset, {
      records: (records, nextOffset, highWatermark) => {
        if (generation === this.#generation) this.#arrived(records, nextOffset, highWatermark);
      },
      outOfRange: () => {
        if (generation === this.#generation) this.reopen(`partition ${this.partition}: its position is outside the log`);
      },
      failed: (reason) => {
        if (generation === this.#generation) this.reopen(`partition ${this.partition}: ${reason}`, lastRetryMs);
      },
    });
  }

  #arrived(records: readonly StoredRecord[], nextOffset: number, highWatermark: number): void {
    for (const record of records) this.#records.push(record);
    this.#end = nextOffset;
    this.#highWatermark = highWatermark;
    this.#readAt = this.ports.clock.now();
    if (!this.#paused && this.#records.length >= this.ports.settings.maxWaitingRecords) {
      this.#paused = true;
      this.#subscription?.pause();
    }
    if (records.length > 0) this.ports.arrived();
  }
}
