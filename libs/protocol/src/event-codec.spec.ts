import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '#core';
import {
  completeEvent,
  decodeRecord,
  encodeDecided,
  encodedSize,
  encodeEvent,
  highestDecided,
  positionOf,
  withPosition,
} from './event-codec.js';
import { encodeAccepted } from './halt.js';
import { eventHeaders, eventSchemaVersion } from './headers.js';
import { entityKey, parseEntityKey, parseEventKey } from './keys.js';
import type { LogRecord, StoredRecord } from './record.js';

const stamp = { epoch: '5.x', offset: 9 };
const draft = { entity: 'workflow', type: 'WorkflowDeleted', data: { force: false } } satisfies EventDraft;
const event = completeEvent(draft, { workflowId: 'w', executionId: 'e', seq: 3, at: 1_700_000_000_000, epoch: '5.x' });

function stored(record: LogRecord, offset = 9): StoredRecord {
  return { ...record, offset, timestamp: 0 };
}

describe('the event codec', () => {
  it('gives an event back as it was encoded, with its cause', () => {
    const cause = { commandId: 'c1', commandHash: 'h1' };
    expect(decodeRecord(stored(encodeEvent(event, stamp, cause)))).toEqual({ kind: 'event', event, cause });
    expect(decodeRecord(stored(encodeEvent(event, stamp)))).toEqual({ kind: 'event', event });
  });

  it('keys an event by entity, sequence and epoch (L13)', () => {
    expect(encodeEvent(event, stamp).key).toBe('w/-/3@5.x');
    expect(event.id).toBe('w/-/3@5.x');
  });

  it('gives answers without events back, refused and accepted', () => {
    const entries = [
      { commandId: 'r', commandHash: 'h', code: 'NO', message: 'because' },
      { commandId: 'a', commandHash: 'h' },
    ];
    expect(decodeRecord(stored(encodeDecided(entries, stamp)))).toEqual({ kind: 'decided', entries });
  });

  it('carries the intake position on the last record only (L7)', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1 }), fc.array(fc.nat(), { maxLength: 20 }), (commandOffset, decidedAbove) => {
        const position = { commandOffset, decidedAbove };
        expect(positionOf(stored(withPosition(encodeEvent(event, stamp), position)))).toEqual(position);
      }),
    );
    expect(positionOf(stored(encodeEvent(event, stamp)))).toBeUndefined();
  });

  it('carries the time of the highest decided command where it is known (L11)', () => {
    const position = { commandOffset: 5, decidedAbove: [7], commandTime: 1_700_000_000_123 };
    expect(positionOf(stored(withPosition(encodeEvent(event, stamp), position)))).toEqual(position);
    expect(highestDecided(position)).toBe(7);
    expect(highestDecided({ commandOffset: 5, decidedAbove: [] })).toBe(5);
  });

  it("gives an operator's acceptance back as nothing but a position, under a key that no entity has", () => {
    const accepted = encodeAccepted({ code: 'COMMANDS_REPLACED', from: 'earliest' }, 'the topic was recreated', stamp);
    const record = stored(withPosition(accepted, { commandOffset: -1, decidedAbove: [] }));
    expect(decodeRecord(record)).toEqual({ kind: 'accepted' });
    expect(positionOf(record)).toEqual({ commandOffset: -1, decidedAbove: [] });
    expect(parseEventKey(record.key)).toBeUndefined();
    expect(JSON.parse(new TextDecoder().decode(record.value ?? undefined))).toMatchObject({ type: 'PartitionAccepted', from: 'earliest' });
  });

  it('says what it cannot read instead of skipping it', () => {
    const record = stored(encodeEvent(event, stamp));
    const newer = { ...record, headers: { ...record.headers, [eventHeaders.schema]: String(eventSchemaVersion + 1) } };
    const unversioned = { ...record, headers: { [eventHeaders.type]: 'X' } };
    const broken = { ...record, value: new Uint8Array([123]) };
    for (const each of [newer, unversioned, broken]) expect(decodeRecord(each)).toMatchObject({ kind: 'unknown' });
  });

  it('never counts fewer bytes than a record has', () => {
    const record = withPosition(encodeEvent(event, stamp), { commandOffset: 5, decidedAbove: [7, 9] });
    const text = Object.entries(record.headers).reduce((sum, [name, value]) => sum + name.length + value.length, record.key.length);
    expect(encodedSize(record)).toBeGreaterThan(text + (record.value?.length ?? 0));
  });
});

describe('entity keys', () => {
  it('come back as they were made', () => {
    expect(parseEntityKey(entityKey('w'))).toEqual({ workflowId: 'w' });
    expect(parseEntityKey(entityKey('w', 'e'))).toEqual({ workflowId: 'w', executionId: 'e' });
  });
});
