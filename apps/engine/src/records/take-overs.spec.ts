import { beforeEach, expect, test } from 'vitest';
import { createRegistry, engineMetrics, type Logger } from '#observability';
import type { ClusterRecord } from '#postgres';
import type { RecoveryReport } from '#runtime';
import type { Gone } from './cause.js';
import { TakeOvers } from './take-overs.js';

type Line = Readonly<Record<string, unknown>>;
const report: RecoveryReport = {
  reason: 'assigned',
  epoch: '9.b',
  previousEpoch: '4.a',
  durationMs: 30,
  recordsRead: 5,
  entitiesLoaded: 3,
  rebuilt: false,
};
const assignment = { generation: 7, joinMs: 100, gained: [1, 2], kept: [0], lost: [5] };

let now: number;
let lines: Line[];
let records: ClusterRecord[];
let departures: Gone[];
let owner: string | undefined;
let takeOvers: TakeOvers;
let metrics: ReturnType<typeof engineMetrics>;

beforeEach(() => {
  now = 10_000;
  lines = [];
  records = [];
  departures = [];
  owner = 'engine-2';
  metrics = engineMetrics(createRegistry());
  const log = (fields: Line) => lines.push(fields);
  takeOvers = new TakeOvers({
    metrics,
    logger: { info: log, warn: log } as unknown as Logger,
    records: { write: (record) => records.push(record) },
    surroundings: () => ({ self: 'engine-1', departures, members: new Set(['engine-1', 'engine-2']) }),
    ownerOf: async () => owner,
    now: () => now,
  });
});

const ofEvent = (event: string) => lines.filter((line) => line.event === event);

test('a migration has a line at its start and one at its end, with how long it took, from whom and why', async () => {
  takeOvers.assigned(assignment);
  now += 40;
  await takeOvers.recovered(1, report);
  expect(ofEvent('workflow.migration').filter((line) => line.partition === 1)).toMatchObject([
    { phase: 'start', to: 'engine-1', generation: 7 },
    { phase: 'end', from: 'engine-2', to: 'engine-1', reason: 'rebalance', durationMs: 40, entities: 3 },
  ]);
  expect(records[0]).toMatchObject({ id: '1/9.b', kind: 'migration', partition: 1, epoch: '9.b', startAt: 10_000, endAt: 10_040 });
});

test('a failover counts from the moment its death was heard of', async () => {
  departures = [{ instance: 'engine-2', reason: 'gone', by: 'engine-3', at: 9_800 }];
  takeOvers.assigned(assignment);
  now += 40;
  await takeOvers.recovered(1, report);
  expect(ofEvent('failover').at(-1)).toMatchObject({ phase: 'end', from: 'engine-2', reason: 'gone', durationMs: 240 });
  expect(records[0]).toMatchObject({ kind: 'failover', startAt: 9_800, endAt: 10_040 });
  expect((await metrics.failovers.get()).values).toMatchObject([{ labels: { reason: 'gone' }, value: 1 }]);
});

test('a rebalance ends when the last partition that it brought serves', async () => {
  takeOvers.assigned(assignment);
  now += 40;
  await takeOvers.recovered(1, report);
  expect(ofEvent('shard.rebalance')).toMatchObject([{ phase: 'start', generation: 7, gained: [1, 2], lost: [5] }]);
  now += 60;
  await takeOvers.recovered(2, report);
  expect(ofEvent('shard.rebalance')[1]).toMatchObject({ phase: 'end', generation: 7, gained: 2, durationMs: 200 });
  expect(records.find((record) => record.kind === 'rebalance')).toMatchObject({
    startAt: 9_900,
    endAt: 10_100,
    body: { 'engine-1': { gained: 2, kept: 1, lost: 1, entities: 6 } },
  });
});

test('a rebalance that brings nothing ends at once', () => {
  takeOvers.assigned({ ...assignment, gained: [] });
  expect(ofEvent('shard.rebalance').map((line) => line.phase)).toEqual(['start', 'end']);
});

test('a partition that halts on its way ends its move with that reason, and does not hold up the rebalance', () => {
  takeOvers.assigned({ ...assignment, gained: [1] });
  takeOvers.abandoned(1, 'halted: COMMANDS_REPLACED');
  expect(ofEvent('workflow.migration').at(-1)).toMatchObject({ phase: 'end', reason: 'halted: COMMANDS_REPLACED' });
  expect(ofEvent('shard.rebalance').map((line) => line.phase)).toEqual(['start', 'end']);
  expect(records.map((record) => record.kind)).toEqual(['rebalance']);
});

test('a partition that is given away before it serves ends its rebalance', () => {
  takeOvers.assigned({ ...assignment, gained: [1] });
  takeOvers.assigned({ generation: 8, joinMs: 1, gained: [], kept: [0], lost: [1] });
  expect(ofEvent('shard.rebalance').map(({ phase, generation }) => [phase, generation])).toEqual([
    ['start', 7],
    ['end', 7],
    ['start', 8],
    ['end', 8],
  ]);
});

test('a partition that begins anew without having moved is no move', async () => {
  await takeOvers.recovered(3, report);
  expect(lines).toEqual([]);
  expect(records).toEqual([]);
});
