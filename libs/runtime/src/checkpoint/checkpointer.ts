import { isFinished } from '#core';
import type { PartitionContext } from '../control/context.js';
import { Backoff } from '../control/waiting.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import { type Entity, snapshotOf } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { CancelTimer } from '../ports/clock.js';
import { TransientError } from '../ports/errors.js';
import type { Checkpoint, Snapshot, SnapshotBatch } from '../ports/snapshot-store.js';
import { DirtyLedger } from './dirty-ledger.js';
import type { Eviction } from './eviction.js';
import type { LogCursor } from './log-cursor.js';

const maxSnapshotsPerSave = 500;
const readyForEarlySave = 200;

export interface CheckpointRooms {
  readonly table: EntityTable;
  readonly cursor: LogCursor;
  readonly answers: AnswerMemory;
  readonly eviction: Eviction;
  /** The store's row is claimed by another epoch (L10). */
  fenced(): void;
  failed(error: unknown): void;
}

/** Snapshots in batches, off the hot path, one save in flight; moves the checkpoint to the oldest event not covered (L9, L10). */
export class Checkpointer {
  readonly ledger = new DirtyLedger();
  readonly #ready = new Set<string>();
  readonly #backoff: Backoff;
  #last: Checkpoint | undefined;
  #inFlight: Promise<boolean> | undefined;
  #cancelTick: CancelTimer | undefined;
  #nextSweepAt = 0;
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
      this.#ready.add(entity.key);
    if (this.#ready.size >= readyForEarlySave && this.#cancelTick !== undefined) this.#saveSoon();
  }

  /** Wants a snapshot of an entity as it stands, for its quarantine or the release from it. */
  demand(key: string, offset: number): void {
    this.ledger.touch(key, offset);
    this.#ready.add(key);
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
    this.#ready.clear();
    this.ledger.clear();
    this.#last = undefined;
  }

  /** Saves everything that is not covered, batch by batch, until done or the first failure. */
  async saveAll(): Promise<void> {
    await this.#inFlight;
    for (let ok = true; ok && (this.ledger.size > 0 || this.#wouldMove()); ) ok = await this.#save([...this.ledger.keys()]);
  }

  /** Whether so much is dirty that a long replay should save before it reads on. */
  get isFull(): boolean {
    return this.ledger.size >= 10 * maxSnapshotsPerSave;
  }

  #arm(delayMs: number): void {
    this.#cancelTick?.();
    this.#cancelTick = this.context.clock.after(delayMs, () => this.#tick());
  }

  #saveSoon(): void {
    if (this.#inFlight === undefined) void this.#save(this.#due());
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
        if (this.ledger.isDirty(entity.key)) this.#ready.add(entity.key);
        else table.evict(entity.key);
      }
    }
  }

  /** Events below it must not stay uncovered: recovery is bounded by `maxReplay`. */
  get #horizon(): number {
    return this.rooms.cursor.nextOffset - this.context.settings.maxReplay;
  }

  #due(): readonly string[] {
    const due = new Set(this.#ready);
    for (const key of this.ledger.olderThan(this.#horizon)) {
      if (due.size >= maxSnapshotsPerSave) break;
      due.add(key);
    }
    return [...due];
  }

  #save(wanted: readonly string[]): Promise<boolean> {
    const saving = this.#saveBatch(wanted).finally(() => {
      this.#inFlight = undefined;
    });
    this.#inFlight = saving;
    return saving;
  }

  async #saveBatch(wanted: readonly string[]): Promise<boolean> {
    const era = this.#era;
    const { ports, partition, observer } = { ...this.context, observer: this.context.ports.observer };
    const startedAt = this.context.clock.now();
    const batch = this.#capture(wanted);
    try {
      const outcome = await ports.snapshots.save(partition, this.context.row.claimedEpoch, batch);
      if (era !== this.#era || this.context.signal.aborted) return false;
      if (outcome === 'saved') this.#saved(batch, startedAt);
      else this.rooms.fenced();
      return outcome === 'saved';
    } catch (error) {
      if (!(error instanceof TransientError)) this.rooms.failed(error);
      else {
        observer.snapshotsFailed(partition, error.message);
        if (this.#cancelTick !== undefined) this.#arm(this.#backoff.nextMs());
      }
      return false;
    }
  }

  #capture(wanted: readonly string[]): SnapshotBatch {
    const { table, cursor, answers } = this.rooms;
    const keys = new Set(this.ledger.leftOver);
    for (const key of wanted) {
      if (keys.size >= maxSnapshotsPerSave) break;
      keys.add(key);
    }
    this.ledger.capture(keys);
    const snapshots: Snapshot[] = [];
    for (const key of keys) {
      const entity = table.get(key);
      this.#ready.delete(key);
      if (entity === undefined) continue;
      snapshots.push(snapshotOf(entity));
      if (!this.context.rules.evictAfterSnapshot && entity.state.seq > 0) table.evict(key);
    }
    const now = this.context.clock.now();
    const offset = this.context.rules.checkpointWhole ? (this.ledger.lowestUncaptured ?? cursor.nextOffset) : cursor.nextOffset;
    const forgetBefore = now - this.context.settings.dedupeWindowMs;
    const { row } = this.context;
    return {
      snapshots,
      decided: answers.unsaved(),
      checkpoint: row.covering(cursor.checkpointAt(offset)),
      revision: row.nextRevision(),
      forgetBefore,
    };
  }

  #saved(batch: SnapshotBatch, startedAt: number): void {
    const { table, cursor, answers, eviction } = this.rooms;
    this.#backoff.reset();
    this.ledger.saved();
    answers.saved(batch.decided);
    this.#last = batch.checkpoint;
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
      this.context.ports.observer.snapshotsSaved(this.context.partition, batch.snapshots.length, now - startedAt);
    const isBehind = this.#ready.size >= readyForEarlySave || (this.ledger.lowest ?? cursor.nextOffset) < this.#horizon;
    if (isBehind && this.#cancelTick !== undefined) queueMicrotask(() => this.#saveSoon());
  }

  /** It changed while it was saved: it may be due again. */
  #reconsider(entity: Entity): void {
    const isOver = entity.kind === 'execution' && isFinished(entity.state);
    if (isOver || entity.state.seq - entity.savedSeq >= this.context.settings.snapshotEvery) this.#ready.add(entity.key);
  }
}
