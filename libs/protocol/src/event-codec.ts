import type { Event, EventDraft, Json, JsonObject } from '#core';
import { acceptedType } from './halt.js';
import { eventHeaders, eventSchemaVersion } from './headers.js';
import { eventKey, partitionKey, shardName } from './keys.js';
import type { LogRecord, StoredRecord } from './record.js';

/** Where an event record stands: its owner's epoch and the offset its owner expects it to get (L2). */
export interface Stamp {
  readonly epoch: string;
  readonly offset: number;
}

/** The command that caused an event, carried by the first event of its decision. */
export interface Cause {
  readonly commandId: string;
  /** Hash of the command's body, so that a repeat with another body is recognised after a recovery. */
  readonly commandHash: string;
}

/** Intake position, on the last record of every append (L7). */
export interface CommandPosition {
  readonly commandOffset: number;
  readonly decidedAbove: readonly number[];
  /** LogAppendTime (epoch ms) of the highest command that this calls decided: tells that topic from another one of its name (L11). Absent: not known. */
  readonly commandTime?: number;
}

/** The highest offset that a position calls decided; -1 for none. */
export function highestDecided({ commandOffset, decidedAbove }: CommandPosition): number {
  return decidedAbove.at(-1) ?? commandOffset;
}

/** A command answered without events: refused, repeated, or accepted without change (L8). */
export interface DecidedEntry extends Cause {
  /** Absent: accepted. */
  readonly code?: string;
  readonly message?: string;
  readonly details?: Json;
  /** `entityKey` of the entity that an operator releases from its quarantine (V2). */
  readonly releases?: string;
  /** The answer of an accepted command that changed nothing. */
  readonly result?: JsonObject;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const schema = String(eventSchemaVersion);

/** A draft with its place in its entity: what `evolve` takes. `id` equals the record's key. `shard`: the partition, where the workflow's facts are those of its shard there. */
export function completeEvent(
  draft: EventDraft,
  place: { workflowId: string; executionId: string; seq: number; at: number; epoch: string; shard?: number | undefined },
): Event {
  const { workflowId, seq, at, shard } = place;
  const executionId = draft.entity === 'execution' ? place.executionId : undefined;
  const id = eventKey(workflowId, executionId ?? (shard === undefined ? undefined : shardName(shard)), seq, place.epoch);
  const base = { id, type: draft.type, workflowId, ...(executionId === undefined ? {} : { executionId }), seq, at, data: draft.data };
  return base as Event; // the draft's union guarantees that type and data belong together
}

/** Encodes one event. The caller adds the position to the last record of the append. */
export function encodeEvent(event: Event, stamp: Stamp, cause?: Cause): LogRecord {
  const headers: Record<string, string> = {
    [eventHeaders.epoch]: stamp.epoch,
    [eventHeaders.expectedOffset]: String(stamp.offset),
    [eventHeaders.type]: event.type,
    [eventHeaders.schema]: schema,
  };
  if (cause) {
    headers[eventHeaders.commandId] = cause.commandId;
    headers[eventHeaders.commandHash] = cause.commandHash;
  }
  return { key: event.id, value: encoder.encode(JSON.stringify(event)), headers };
}

/** The record of an append that has answers but no events. */
export function encodeDecided(entries: readonly DecidedEntry[], stamp: Stamp): LogRecord {
  const refused = entries.filter((entry) => entry.code !== undefined);
  const accepted = entries.filter((entry) => entry.code === undefined);
  return {
    key: partitionKey('decided', `${stamp.offset}@${stamp.epoch}`),
    value: encoder.encode(JSON.stringify({ type: 'Decided', refused, accepted })),
    headers: {
      [eventHeaders.epoch]: stamp.epoch,
      [eventHeaders.expectedOffset]: String(stamp.offset),
      [eventHeaders.type]: 'Decided',
      [eventHeaders.schema]: schema,
    },
  };
}

/** The same record with the intake position on it. */
export function withPosition(record: LogRecord, position: CommandPosition): LogRecord {
  return {
    ...record,
    headers: {
      ...record.headers,
      [eventHeaders.commandOffset]: String(position.commandOffset),
      [eventHeaders.decidedAbove]: position.decidedAbove.join(','),
      ...(position.commandTime === undefined ? {} : { [eventHeaders.commandTime]: String(position.commandTime) }),
    },
  };
}

/** The intake position of an append, if this record is the last of one. */
export function positionOf(record: StoredRecord): CommandPosition | undefined {
  const offset = record.headers[eventHeaders.commandOffset];
  if (offset === undefined) return undefined;
  const above = record.headers[eventHeaders.decidedAbove] ?? '';
  const time = record.headers[eventHeaders.commandTime];
  return {
    commandOffset: Number(offset),
    decidedAbove: above === '' ? [] : above.split(',').map(Number),
    ...(time === undefined ? {} : { commandTime: Number(time) }),
  };
}

/** What a valid record of the events topic says. `unknown` = written by a newer version: the reader must stop, not skip. */
export type DecodedRecord =
  | { readonly kind: 'event'; readonly event: Event; readonly cause?: Cause }
  | { readonly kind: 'decided'; readonly entries: readonly DecidedEntry[] }
  /** An operator has accepted a halt: only its intake position means anything to a reader. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Decodes a record that V1 found valid. Never throws: what cannot be read comes back as `unknown`. */
export function decodeRecord(record: StoredRecord): DecodedRecord {
  const version = Number(record.headers[eventHeaders.schema]);
  if (!(version <= eventSchemaVersion))
    return { kind: 'unknown', reason: `schema ${record.headers[eventHeaders.schema] ?? 'missing'} at offset ${record.offset}` };
  try {
    const body = JSON.parse(decoder.decode(record.value ?? undefined)) as unknown;
    const type = record.headers[eventHeaders.type];
    if (type === acceptedType) return { kind: 'accepted' };
    return type === 'Decided' ? decided(body) : { kind: 'event', event: body as Event, ...causeOf(record) };
  } catch (error) {
    return { kind: 'unknown', reason: `not JSON at offset ${record.offset}: ${String(error)}` };
  }
}

function decided(body: unknown): DecodedRecord {
  const { refused = [], accepted = [] } = body as { refused?: DecidedEntry[]; accepted?: DecidedEntry[] };
  return { kind: 'decided', entries: [...refused, ...accepted] };
}

function causeOf(record: StoredRecord): { cause?: Cause } {
  const commandId = record.headers[eventHeaders.commandId];
  if (commandId === undefined) return {};
  return { cause: { commandId, commandHash: record.headers[eventHeaders.commandHash] ?? '' } };
}

/** Bytes this record takes in a batch, rounded up: for cutting a group append (L3). */
export function encodedSize(record: LogRecord): number {
  let size = 70 + record.key.length * 3 + (record.value?.length ?? 0);
  for (const name in record.headers) size += name.length + (record.headers[name]?.length ?? 0) + 8;
  return size;
}
