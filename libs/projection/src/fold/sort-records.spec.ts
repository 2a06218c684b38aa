import { expect, test } from 'vitest';
import { executionStarted, ScriptedLog, workflowCreated } from '../testing/scripted-log.js';
import { joinEvents } from './join-events.js';
import { parseEvent } from './parse-event.js';
import { sortRecords } from './sort-records.js';

test('valid events are sorted by entity in log order, with the epoch in force at the end', () => {
  const log = new ScriptedLog();
  log.fence('a');
  workflowCreated(log, 'w');
  executionStarted(log, 'w', 'e');
  const epoch = log.fence('b');
  const sorted = sortRecords(log.records, undefined);
  expect([...sorted.byEntity].map(([entity, entries]) => [entity, entries.map((entry) => entry.type)])).toEqual([
    ['w', ['WorkflowCreated', 'ExecutionOpened']],
    ['w/e', ['WorkflowStarted']],
  ]);
  expect(sorted).toMatchObject({ epoch, events: 3, skipped: 0 });
  expect(sorted.fences).toHaveLength(2);
});

test('a stretch in the middle of the log needs the epoch in force before it', () => {
  const log = new ScriptedLog();
  const epoch = log.fence('a');
  workflowCreated(log, 'w');
  expect(sortRecords(log.records.slice(1), epoch).events).toBe(1);
  expect(sortRecords(log.records.slice(1), '0.other')).toMatchObject({ events: 0, skipped: 1 });
});

test('joined values are the JSON array of the events', () => {
  const log = new ScriptedLog();
  log.fence('a');
  workflowCreated(log, 'w', { name: 'ä "quoted"' });
  executionStarted(log, 'w', 'e');
  const entries = sortRecords(log.records, undefined).byEntity.get('w') ?? [];
  expect(JSON.parse(Buffer.from(joinEvents(entries)).toString())).toEqual(entries.map(parseEvent));
  expect(Buffer.from(joinEvents([])).toString()).toBe('[]');
});
