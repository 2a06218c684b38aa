import { type Event, evolveExecution, evolveWorkflow, resultOf } from '#core';
import {
  type DecidedEntry,
  type DecodedRecord,
  decodeRecord,
  entityKey,
  epochOf,
  LogValidity,
  parseEntityKey,
  positionOf,
  type StoredRecord,
} from '#protocol';
import type { Checkpointer } from '../checkpoint/checkpointer.js';
import { fromStore } from '../checkpoint/from-store.js';
import type { LogCursor } from '../checkpoint/log-cursor.js';
import type { PartitionContext } from '../control/context.js';
import { pause } from '../control/waiting.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import { derivedExecutionId } from '../dedupe/command-identity.js';
import type { Entity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import { FatalError } from '../ports/errors.js';
import type { ReadOutcome } from '../ports/partition-log.js';
import type { CommandAnswer } from '../ports/snapshot-store.js';
import { readLog } from './reading.js';

const maxKeysPerLoad = 500;
const maxEmptyReads = 8;
const emptyReadPauseMs = 100;

export interface ReplayRooms {
  readonly table: EntityTable;
  readonly cursor: LogCursor;
  readonly answers: AnswerMemory;
  readonly checkpoint: Checkpointer;
  quarantine(key: string, reason: string, offset: number): void;
  /** A fence that is not the one read for was seen, before anything behind it is applied. May throw to end the reading. */
  foreignFence(epoch: string): void;
  /** An event was applied; for what follows a doubt. */
  applied(event: Event, record: StoredRecord): void;
}

/** How a reading went. `short`: the log ends below the own fence: it lost its tail meanwhile. */
export interface ReplayReport {
  readonly status: 'done' | 'short';
  readonly recordsRead: number;
}

type Ready = { readonly record: StoredRecord; readonly decoded: Exclude<DecodedRecord, { kind: 'unknown' }> };

/** Reads the log from the cursor until the own fence is read back, by V1 and V2; evolves and nothing else (V3). */
export class Replay {
  #validity: LogValidity;
  #recordsRead = 0;
  #emptyReads = 0;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: ReplayRooms,
    /** Where the own fence lies. */
    readonly until: number,
  ) {
    this.#validity = new LogValidity(rooms.cursor.epoch);
  }

  async run(): Promise<ReplayReport> {
    const { cursor, checkpoint } = this.rooms;
    while (cursor.nextOffset <= this.until) {
      const outcome = await readLog(this.context, cursor.nextOffset);
      if (outcome.status === 'outOfRange') {
        if (cursor.nextOffset >= outcome.logStart) return this.#report('short');
        if (cursor.epoch !== undefined)
          throw new FatalError('LOG_START_MOVED', `the log begins at ${outcome.logStart}, past the checkpoint at ${cursor.nextOffset}`);
        cursor.nextOffset = outcome.logStart; // the log's start, wherever it is
        continue;
      }
      if (await this.#isFenceGone(outcome)) return this.#report('short');
      await this.#applyChunk(outcome.records.filter((record) => record.offset <= this.until));
      cursor.nextOffset = Math.min(outcome.nextOffset, this.until + 1);
      if (checkpoint.isFull) await checkpoint.saveAll(); // a rebuild must not need all entities in memory
    }
    return this.#report('done');
  }

  /** The log ends below the own fence, and stays so: it lost its tail. A new leader may know of less for a moment. */
  async #isFenceGone({ records, highWatermark }: Extract<ReadOutcome, { status: 'read' }>): Promise<boolean> {
    if (records.length > 0 || highWatermark > this.until) {
      this.#emptyReads = 0;
      return false;
    }
    this.#emptyReads += 1;
    await pause(this.context.clock, emptyReadPauseMs, this.context.signal);
    return this.#emptyReads >= maxEmptyReads;
  }

  #report(status: ReplayReport['status']): ReplayReport {
    return { status, recordsRead: this.#recordsRead };
  }

  async #applyChunk(records: readonly StoredRecord[]): Promise<void> {
    this.#recordsRead += records.length;
    const ready: Ready[] = [];
    for (const record of records) {
      const decoded = this.#sift(record);
      if (decoded !== undefined) ready.push({ record, decoded });
    }
    await this.#load(ready);
    for (const { record, decoded } of ready) {
      this.rooms.cursor.nextOffset = record.offset;
      if (decoded.kind === 'decided') this.#recall(decoded.entries, record);
      else if (decoded.kind === 'event') this.#apply(decoded.event, decoded.cause, record);
      const position = positionOf(record);
      if (position !== undefined) this.rooms.cursor.position(record.offset + 1, position);
    }
  }

  /** V1. An unknown record was written by a newer version: the partition stops rather than skip it. */
  #sift(record: StoredRecord): Ready['decoded'] | undefined {
    const validity = this.#validity.check(record);
    if (validity === 'fence') {
      const epoch = epochOf(record);
      if (record.offset !== this.until) this.rooms.foreignFence(epoch);
      this.rooms.cursor.fence(record.offset, epoch);
      return undefined;
    }
    const { rules } = this.context;
    const isValid = validity === 'valid' || (validity === 'stale' && !rules.validity) || (validity === 'misplaced' && !rules.stamp);
    if (!isValid) return undefined;
    const decoded = decodeRecord(record);
    if (decoded.kind === 'unknown') throw new FatalError('UNKNOWN_RECORD', decoded.reason);
    return decoded;
  }

  /** Snapshots on demand, in batches; again where one that was in memory left it while others were loaded. */
  async #load(ready: readonly Ready[]): Promise<void> {
    const { table } = this.rooms;
    for (let missing = missingKeys(ready, table); missing.length > 0; missing = missingKeys(ready, table))
      for (let i = 0; i < missing.length; i += maxKeysPerLoad)
        await loadEntities(this.context, table, missing.slice(i, i + maxKeysPerLoad));
  }

  #apply(event: Event, cause: Extract<DecodedRecord, { kind: 'event' }>['cause'], record: StoredRecord): void {
    const { table, checkpoint } = this.rooms;
    const key = entityKey(event.workflowId, event.executionId);
    const entity = table.get(key);
    if (entity === undefined) throw new FatalError('NOT_LOADED', `${key} was not loaded for offset ${record.offset}`);
    if (cause) this.#recallEvent(event, cause, entity, record.timestamp);
    if (event.seq <= entity.state.seq && this.context.rules.sequence) return; // V2: a duplicate, or in the snapshot
    if (event.seq !== entity.state.seq + 1 && this.context.rules.sequence) {
      if (entity.quarantine === undefined)
        this.rooms.quarantine(key, `SEQUENCE_HOLE: event ${event.seq} follows ${entity.state.seq}`, record.offset);
      return;
    }
    if (!this.#evolve(entity, event, record.offset)) return;
    entity.usedAt = this.context.clock.now();
    checkpoint.changed(entity, record.offset);
    this.rooms.applied(event, record);
  }

  #evolve(entity: Entity, event: Event, offset: number): boolean {
    try {
      if (entity.kind === 'workflow' && event.executionId === undefined) entity.state = evolveWorkflow(entity.state, event);
      else if (entity.kind === 'execution' && event.executionId !== undefined) entity.state = evolveExecution(entity.state, event);
      return true;
    } catch (error) {
      this.rooms.quarantine(entity.key, `EVOLVE_FAILED: ${error instanceof Error ? error.message : String(error)}`, offset); // V3
      return false;
    }
  }

  get #brokerTime(): number {
    return this.context.skew.brokerTimeAtMost ?? this.context.clock.now();
  }

  /** First answers, rebuilt from what the log says of their commands. */
  #recallEvent(
    event: Event,
    { commandId, commandHash }: NonNullable<Extract<DecodedRecord, { kind: 'event' }>['cause']>,
    entity: Entity,
    at: number,
  ): void {
    const now = this.#brokerTime;
    if (event.type === 'WorkflowStarted' && entity.kind === 'execution') {
      entity.origin ??= { commandId, commandHash };
      if (parseEntityKey(entity.key).executionId === derivedExecutionId(event.workflowId, commandId)) {
        this.rooms.answers.saw(commandId, now);
        return;
      }
    }
    this.rooms.answers.remember({ commandId, commandHash, at, answer: { ok: true, result: resultOf(event) } }, now);
  }

  /** V2: an operator's word is a fact: from here on the entity goes on from the state that it has. */
  #release(key: string, offset: number): void {
    const entity = this.rooms.table.get(key);
    if (entity?.quarantine === undefined) return;
    entity.quarantine = undefined;
    this.rooms.checkpoint.demand(key, offset);
  }

  #recall(entries: readonly DecidedEntry[], record: StoredRecord): void {
    const now = this.#brokerTime;
    for (const entry of entries) {
      const { commandId, commandHash, releases } = entry;
      if (releases !== undefined) this.#release(releases, record.offset);
      this.rooms.answers.remember({ commandId, commandHash, at: record.timestamp, answer: answerOf(entry) }, now);
    }
  }
}

function missingKeys(ready: readonly Ready[], table: EntityTable): readonly string[] {
  const keys = new Set<string>();
  for (const { decoded } of ready) {
    for (const key of keysOf(decoded)) if (!table.has(key)) keys.add(key);
  }
  return [...keys];
}

function keysOf(decoded: Ready['decoded']): readonly string[] {
  if (decoded.kind === 'event') return [entityKey(decoded.event.workflowId, decoded.event.executionId)];
  return decoded.kind === 'decided' ? decoded.entries.flatMap(({ releases }) => releases ?? []) : [];
}

function answerOf({ code, message = '', details, result = {} }: DecidedEntry): CommandAnswer {
  if (code === undefined) return { ok: true, result };
  return { ok: false, code, message, ...(details === undefined ? {} : { details }) };
}

/** Puts these entities in memory, from the store or as new. Throws StoppedError when stopped. */
export async function loadEntities(context: PartitionContext, table: EntityTable, keys: readonly string[]): Promise<void> {
  const found = await fromStore(context, 'loading snapshots', () => context.ports.snapshots.load(context.partition, keys));
  for (const key of keys) table.install(key, found.get(key), context.clock.now());
}
