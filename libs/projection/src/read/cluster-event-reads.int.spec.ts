import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type ClusterRecord, ClusterRecordStore, migrate, PostgresPool, readLimits } from '#postgres';
import type { ClusterEvent } from '../read-model.js';
import type { ClusterEventRow } from '../rows.js';
import { clusterEventsQuery } from '../store/write-sql.js';
import { readClusterEvents } from './cluster-event-reads.js';

const settings = { url: inject('postgresUrl'), schema: `cluster_events_${process.pid}`, applicationName: 'cluster-event-spec' };
const db = new PostgresPool(settings, readLimits);
const now = 1_900_000_000_000;

beforeAll(async () => {
  await migrate(settings);
});
beforeEach(async () => {
  for (const table of ['cluster_events', 'cluster_records']) await db.rows({ text: `delete from ${table}`, values: [] }, 'emptying');
});
afterAll(() => db.close());

function fence(partition: number, offset: number, instance: string, at = now + offset): ClusterEventRow {
  const rest = { address: `${instance}:7001`, generation: 7, reason: 'assigned' };
  return { partition, offset, at, epoch: `${offset}.x`, instance, ...rest };
}

async function given(fences: readonly ClusterEventRow[], records: readonly ClusterRecord[] = []): Promise<void> {
  await db.rows(clusterEventsQuery(fences), 'given');
  const store = new ClusterRecordStore(db, {
    onLost: (count, reason) => {
      throw new Error(`${count} lost: ${reason}`);
    },
  });
  for (const record of records) store.write(record);
  await store.close();
}

const events = async (query: Partial<Parameters<typeof readClusterEvents>[1]> = {}): Promise<readonly ClusterEvent[]> =>
  (await readClusterEvents(db, { limit: 100, ...query })).items;

test('a fence alone is a move whose end nobody has told yet; the next owner ends it', async () => {
  await given([fence(1, 0, 'engine-1'), fence(1, 50, 'engine-2')]);
  expect(await events()).toMatchObject([
    { kind: 'migration', partition: 1, start: now + 50, end: null, from: 'engine-1', to: 'engine-2', epoch: '50.x', reason: 'assigned' },
    { kind: 'migration', start: now, end: now + 50, to: 'engine-1' },
  ]);
  expect((await events())[1]?.from).toBeUndefined();
});

test('a fence with the record of its owner has kind, end, reason and entities, and is listed once', async () => {
  const body = { from: 'engine-1', to: 'engine-2', reason: 'gone', generation: 7, entities: 12 };
  const record: ClusterRecord = { id: '1/50.x', kind: 'failover', partition: 1, epoch: '50.x', startAt: now + 40, endAt: now + 90, body };
  await given([fence(1, 0, 'engine-1'), fence(1, 50, 'engine-2')], [record]);
  expect(await events({ kind: 'failover' })).toEqual([
    { kind: 'failover', partition: 1, epoch: '50.x', start: now + 40, end: now + 90, address: 'engine-2:7001', ...body },
  ]);
  expect(await events()).toHaveLength(2);
});

test('a record is listed before the projector has read its fence', async () => {
  const body = { to: 'engine-2', reason: 'first' };
  await given([], [{ id: '3/9.y', kind: 'migration', partition: 3, epoch: '9.y', startAt: now, endAt: now + 5, body }]);
  expect(await events({ partition: 3 })).toMatchObject([{ kind: 'migration', end: now + 5, to: 'engine-2' }]);
});

test('an owner that fences again, in doubt, has moved nothing', async () => {
  await given([fence(1, 0, 'engine-1'), { ...fence(1, 9, 'engine-1'), reason: 'in doubt: no answer' }]);
  expect((await events())[0]).toMatchObject({ kind: 'fence', start: now + 9, end: now + 9, reason: 'in doubt: no answer' });
});

test('a rebalance adds up what each engine saw of it', async () => {
  const part = (gained: number) => ({ gained, kept: 3, entities: 5, reason: 'left', generation: 8 });
  const body = { 'engine-1': part(2), 'engine-2': part(1) };
  await given([], [{ id: 'rebalance/8/1', kind: 'rebalance', startAt: now, endAt: now + 300, body }]);
  expect(await events()).toEqual([
    { kind: 'rebalance', start: now, end: now + 300, reason: 'left', generation: 8, moved: 3, kept: 6, entities: 10 },
  ]);
});

test('pages go on where the last one ended, through fences and records of one moment', async () => {
  const fences = Array.from({ length: 9 }, (_, i) => fence(i, 5, 'engine-1', now));
  const member = (i: number): ClusterRecord => ({
    id: `member.joined/${i}`,
    kind: 'member.joined',
    startAt: now,
    body: { member: `e${i}` },
  });
  await given(fences, [0, 1, 2, 3].map(member));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await readClusterEvents(db, { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map((event) => event.member ?? String(event.partition)));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen.sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', 'e0', 'e1', 'e2', 'e3']);
});
