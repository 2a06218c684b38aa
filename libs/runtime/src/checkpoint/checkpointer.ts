import { isFinished } from '#core';
import type { PartitionContext } from '../control/context.js';
import { Backoff } from '../control/waiting.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import type { Entity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { CancelTimer } from '../ports/clock.js';
import { TransientError } from '../ports/errors.js';
import type { Checkpoint, SnapshotBatch } from '../ports/snapshot-store.js';
import { captureBatch, maxSnapshotsPerSave } from './capture-batch.js';
import { DirtyLedger } from './dirty-ledger.js';
import type { Eviction } from './eviction.js';
import type { LogCursor } from './log-cursor.js';
import { ReadyKeys } from './ready-keys.js';
import { shortTailFrom } from './short-tail.js';

const readyForEarlySave = 200;

export interface CheckpointRooms {
  readonly table: EntityTable;
  readonly cursor: LogCursor;
  readonly answers: AnswerMemory;
  readonly eviction: Eviction;
  /** The store's row is claimed by another epoch (L10). */
  fenced(): void;
  /** The checkpoint has moved, or it is known now that it cannot. */
  settled(): void;
  failed(error: unknown): void;
}

/** Snapshots in batches, off the hot path, one save in flight; moves the checkpoint to the oldest event not covered (L9, L10). */
export class Checkpointer {
  readonly ledger = new DirtyLedger();
  readonly ready = new ReadyKeys();
  readonly #backoff: Backoff;
  #last: Checkpoint | undefined;
  #inFlight: Promise<boolean> | undefined;
  #cancelTick: CancelTimer | undefined;
  #nextSweepAt = 0;
  #isStoreAway = false;
  #isSaveDue = false;
  #era = 0;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: CheckpointRooms,
  ) {
    this.#backoff = new Backoff(context.random, context.settings.snapshotIntervalMs, 10_000);
  }

  /** An entity changed by an event at `offset`, and has its new state already. */
  changed(entity: Entity, offset: number): void {
    this.ledger.touch(entity.key, offset);
    const isOver = entity.kind === 'execution' && isFinished(entity.state);
    if (isOver || entity.quarantine || entity.state.seq - entity.savedSeq >= this.context.settings.snapshotEvery)
      this.ready.add(entity.key);
    const isUrgent = this.ready.size >= readyForEarlySave || (!this.#isStoreAway && this.uncovered > this.context.settings.maxReplay / 2);
    if (isUrgent) this.#saveSoon();
  }

  /** Records that a new owner would have to read. */
  get uncovered(): number {
    return Math.max(0, this.rooms.cursor.nextOffset - this.context.row.offset);
  }

  /** Those of them that snapshots could spare it: none while the store is away. */
  get boundable(): number {
    return this.#isStoreAway ? 0 : this.uncovered;
  }

  /** The last save could not be done: until one works, recovery is not bounded by `maxReplay` (design §5). */
  get isStoreAway(): boolean {
    return this.#isStoreAway;
  }

  /** Wants a snapshot of an entity as it stands, for its quarantine or the release from it. */
  demand(key: string, offset: number): void {
    this.ledger.touch(key, offset);
    this.ready.add(key);
  }

  /** Begins to save periodically. */
  start(): void {
    this.#arm(this.context.settings.snapshotIntervalMs);
  }

  stop(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /** Memory was dropped: a save in flight means nothing any more. */
  reset(): void {
    this.stop();
    this.#era += 1;
    this.ready.clear();
    this.ledger.clear();
    this.#last = undefined;
    this.#isStoreAway = false;
  }

  /** Saves everything that is not covered, batch by batch, until done or the first failure. */
  async saveAll(): Promise<void> {
    for (let ok = true; ok; ) {
      while (this.#inFlight !== undefined) await this.#inFlight; // one that has ended may have begun the next
      if (this.ledger.size === 0 && !this.#wouldMove()) return;
      ok = await this.#save([...this.ledger.keys()]);
    }
  }

  /** Whether so much is dirty that a long replay should save before it reads on. */
  get isFull(): boolean {
    return this.ledger.size >= 10 * maxSnapshotsPerSave;
  }

  #arm(delayMs: number): void {
    this.#cancelTick?.();
    this.#cancelTick = this.context.clock.after(delayMs, () => this.#tick());
  }

  /** In a microtask: in the middle of a confirmation the ledger does not know of all its events yet, and the checkpoint would pass them (L9). */
  #saveSoon(): void {
    if (this.#isSaveDue || this.#inFlight !== undefined || this.#cancelTick === undefined) return;
    this.#isSaveDue = true;
    queueMicrotask(() => {
      this.#isSaveDue = false;
      if (this.#inFlight === undefined && this.#cancelTick !== undefined) void this.#save(this.#due());
    });
  }

  #tick(): void {
    if (this.context.signal.aborted) return;
    this.#arm(this.context.settings.snapshotIntervalMs);
    if (this.#inFlight !== undefined) return;
    this.#sweep();
    const due = this.#due();
    if (due.length > 0 || this.#wouldMove()) void this.#save(due);
  }

  #wouldMove(): boolean {
    const { cursor, answers } = this.rooms;
    const offset = this.ledger.lowest ?? cursor.nextOffset;
    return this.#last?.offset !== offset || answers.unsavedCount > 0;
  }

  /** Idle entities: covered ones leave memory now, the others are saved and leave then. */
  #sweep(): void {
    const now = this.context.clock.now();
    if (now < this.#nextSweepAt) return;
    this.#nextSweepAt = now + this.context.settings.passivateAfterMs / 4;
    const { table, eviction } = this.rooms;
    for (const entities of [table.executions(), table.workflows()]) {
      for (const entity of entities) {
        if (!eviction.isIdle(entity, now)) continue;
        if (this.ledger.isDirty(entity.key)) this.ready.add(entity.key);
        else table.evict(entity.key);
      }
    }
  }

  /** Events below it cannot wait for a tick: recovery is bounded by `maxReplay`, and intake slows before a save may be late. */
  get #horizon(): number {
    return this.rooms.cursor.nextOffset - this.context.settings.maxReplay / 4;
  }

  #due(): readonly string[] {
    const due = new Set(this.ready.keys());
    const from = shortTailFrom(this.rooms.cursor.nextOffset, this.ledger.size, this.context.settings.maxReplay);
    for (const key of this.ledger.olderThan(from)) {
      if (due.size >= maxSnapshotsPerSave) break;
      if (!this.ready.isHeldBack(key)) due.add(key);
    }
    return [...due];
  }

  #save(wanted: readonly string[]): Promise<boolean> {
    const saving = this.#saveBatch(wanted).then((ok) => {
      this.#inFlight = undefined;
      if (ok && this.#isBehind) this.#saveSoon();
      return ok;
    });
    this.#inFlight = saving;
    return saving;
  }

  get #isBehind(): boolean {
    const isLong = (this.ledger.lowest ?? this.rooms.cursor.nextOffset) < this.#horizon;
    return this.ready.size >= readyForEarlySave || (isLong && this.#due().length > 0);
  }

  async #saveBatch(wanted: readonly string[]): Promise<boolean> {
    const era = this.#era;
    const { ports, partition, observer } = { ...this.context, observer: this.context.ports.observer };
    const startedAt = this.context.clock.monotonic();
    try {
      const batch = captureBatch(this.context, { ...this.rooms, ledger: this.ledger, ready: this.ready }, wanted);
      const outcome = await ports.snapshots.save(partition, this.context.row.claimedEpoch, batch);
      if (era !== this.#era || this.context.signal.aborted) return false;
      if (outcome === 'saved') this.#saved(batch, startedAt);
      else this.rooms.fenced();
      return outcome === 'saved';
    } catch (error) {
      if (!(error instanceof TransientError)) this.rooms.failed(error);
      else {
        observer.snapshotsFailed(partition, error.message);
        if (era === this.#era) this.#isStoreAway = true;
        this.rooms.settled();
        if (this.#cancelTick !== undefined) this.#arm(this.#backoff.nextMs());
      }
      return false;
    }
  }

  #saved(batch: SnapshotBatch, startedAt: number): void {
    const { table, cursor, answers, eviction } = this.rooms;
    this.#backoff.reset();
    this.ledger.saved();
    answers.saved(batch.decided);
    this.#last = batch.checkpoint;
    this.#isStoreAway = false;
    this.context.row.saved(batch);
    cursor.forgetBelow(batch.checkpoint.offset);
    const now = this.context.clock.now();
    for (const { key, seq } of batch.snapshots) {
      const entity = table.get(key);
      if (entity === undefined) continue;
      entity.savedSeq = Math.max(entity.savedSeq, seq);
      if (!this.ledger.isDirty(key)) eviction.evictCovered(entity, now);
      else this.#reconsider(entity);
    }
    if (batch.snapshots.length > 0)
      this.context.ports.observer.snapshotsSaved(
        this.context.partition,
        batch.snapshots.length,
        Math.round(this.context.clock.monotonic() - startedAt),
      );
    this.rooms.settled();
  }

  /** It changed while it was saved: it may be due again. */
  #reconsider(entity: Entity): void {
    const isOver = entity.kind === 'execution' && isFinished(entity.state);
    if (isOver || entity.state.seq - entity.savedSeq >= this.context.settings.snapshotEvery) this.ready.add(entity.key);
  }
}
