import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ClusterRecord, ClusterRecordStore } from './cluster-record-store.js';
import { migrate } from './migrate.js';
import { executionLogLimits, PostgresPool } from './postgres-pool.js';

const settings = { url: inject('postgresUrl'), schema: `records_${process.pid}`, applicationName: 'record-spec' };
const pool = new PostgresPool(settings, executionLogLimits);
const onLost = (count: number, reason: string) => {
  throw new Error(`${count} lost: ${reason}`);
};

beforeAll(async () => {
  await migrate(settings);
});
afterAll(() => pool.close());

const stored = (id: string) =>
  pool.rows<{ start_at: number; end_at: number; body: object }>(
    { text: 'select start_at, end_at, body from cluster_records where id = $1', values: [id] },
    'reading',
  );
const now = Date.now();
const part = (instance: string, startAt: number, endAt: number): ClusterRecord => ({
  id: 'rebalance/7/1',
  kind: 'rebalance',
  startAt,
  endAt,
  body: { [instance]: { gained: 2 } },
});

test('what several engines saw of one rebalance is one row, from the earliest start to the latest end', async () => {
  for (const record of [part('engine-1', now, now + 50), part('engine-2', now - 20, now + 40), part('engine-1', now, now + 50)]) {
    const store = new ClusterRecordStore(pool, { onLost });
    store.write(record);
    await store.close();
  }
  expect(await stored('rebalance/7/1')).toEqual([
    { start_at: now - 20, end_at: now + 50, body: { 'engine-1': { gained: 2 }, 'engine-2': { gained: 2 } } },
  ]);
});

test('the first word on a member stays', async () => {
  const store = new ClusterRecordStore(pool, { onLost });
  for (const reason of ['gone', 'session']) store.write({ id: 'member.left/m', kind: 'member.left', startAt: now, body: { reason } });
  await store.close();
  expect(await stored('member.left/m')).toMatchObject([{ body: { reason: 'gone' } }]);
});

test('records older than thirty days are dropped', async () => {
  const store = new ClusterRecordStore(pool, { onLost });
  store.write({ id: 'member.left/old', kind: 'member.left', startAt: now - 31 * 86_400_000, body: {} });
  await store.close();
  expect(await stored('member.left/old')).toEqual([]);
});

test('records wait while the database cannot be asked, and what is never taken is counted', async () => {
  const nowhere = new PostgresPool({ ...settings, url: 'postgres://millrace@127.0.0.1:1/postgres' }, executionLogLimits);
  const lost: number[] = [];
  const store = new ClusterRecordStore(nowhere, { maxQueued: 2, onLost: (count) => lost.push(count) });
  for (const id of ['a', 'b', 'c']) store.write({ id, kind: 'member.joined', startAt: now, body: {} });
  expect(lost).toEqual([1]); // a full queue takes no more
  await store.close();
  expect(lost).toEqual([1, 2]);
  await nowhere.close();
});
