import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { ExecutionState } from '#core';
import type { Checkpoint, Snapshot, SnapshotBatch } from '#runtime';
import { TransientError } from '#runtime';
import { snapshotStoreContract } from '#testing/contracts';
import { migrate } from './migrate.js';
import { PostgresPool, snapshotLimits } from './postgres-pool.js';
import { PostgresSnapshotStore } from './snapshot-store.js';

const settings = { url: inject('postgresUrl'), schema: `snapshots_${process.pid}`, applicationName: 'snapshot-spec' };
const pool = new PostgresPool(settings, snapshotLimits);
const store = new PostgresSnapshotStore(pool);
let nextPartition = 0;

beforeAll(async () => {
  await migrate(settings);
});
afterAll(() => pool.close());

const checkpoint = (offset: number): Checkpoint => ({
  offset,
  epochAtOffset: '0.a',
  commandOffset: offset - 1,
  decidedAbove: [offset + 3, offset + 9],
  coveredTo: offset + 20,
  coveredEpoch: '0.a',
});

function snapshot(key: string, seq: number, more: Partial<Snapshot> = {}): Snapshot {
  const state: ExecutionState = { status: 'notStarted', seq, lastAt: 1_700_000_000_000 + seq };
  return { key, seq, kind: 'execution', finished: false, state, ...more } as Snapshot;
}

const batch = (offset: number, snapshots: readonly Snapshot[] = []): SnapshotBatch => ({
  snapshots,
  decided: [],
  checkpoint: checkpoint(offset),
  forgetBefore: 0,
});

async function claimedPartition(epoch: string): Promise<number> {
  nextPartition += 1;
  expect(await store.claim(nextPartition, undefined, epoch, checkpoint(0), false)).toEqual({ status: 'claimed' });
  return nextPartition;
}

/** Another session that holds the partition's checkpoint row in an open transaction. */
async function lockingSession(partition: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: settings.url, options: `-c search_path=${settings.schema}` });
  await client.connect();
  await client.query('begin');
  await client.query('select 1 from checkpoints where partition = $1 for update', [partition]);
  return client;
}

/** Resolves once a statement of the store waits for a lock. */
async function storeWaitsForLock(observer: pg.Client): Promise<void> {
  const sql = `select 1 from pg_stat_activity where application_name = 'snapshot-spec' and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await observer.query(sql)).rowCount, { timeout: 1_500, interval: 10 }).toBeGreaterThan(0);
}

test('L10: a stale save that waited for the lock while a new owner claimed writes nothing at all', async () => {
  const partition = await claimedPartition('1.old');
  await store.save(partition, '1.old', batch(10, [snapshot('w/a', 5)]));
  const session = await lockingSession(partition);
  const slow = store.save(partition, '1.old', batch(60, [snapshot('w/a', 60), snapshot('w/new', 1)]));
  await storeWaitsForLock(session);
  await session.query(`update checkpoints set claimed_epoch = '2.new', "offset" = 80 where partition = $1`, [partition]);
  await session.query(`update snapshots set seq = 7 where partition = $1 and key = 'w/a'`, [partition]);
  await session.query('commit');
  await session.end();

  expect(await slow).toBe('fenced');
  expect(await store.checkpoint(partition)).toMatchObject({ claimedEpoch: '2.new', offset: 80 });
  const found = await store.load(partition, ['w/a', 'w/new']);
  expect([...found.keys()]).toEqual(['w/a']);
  expect(found.get('w/a')?.seq).toBe(7);
});

test('L10: a save that waited for its own earlier statement still counts, and a higher seq written meanwhile stays', async () => {
  const partition = await claimedPartition('1.me');
  await store.save(partition, '1.me', batch(10, [snapshot('w/a', 5)]));
  const session = await lockingSession(partition);
  const second = store.save(partition, '1.me', batch(30, [snapshot('w/a', 20), snapshot('w/b', 2)]));
  await storeWaitsForLock(session);
  await session.query(`update snapshots set seq = 25 where partition = $1 and key = 'w/a'`, [partition]);
  await session.query(`update checkpoints set "offset" = 15 where partition = $1`, [partition]);
  await session.query('commit');
  await session.end();

  expect(await second).toBe('saved');
  expect((await store.checkpoint(partition))?.offset).toBe(30);
  const found = await store.load(partition, ['w/a', 'w/b']);
  expect([found.get('w/a')?.seq, found.get('w/b')?.seq]).toEqual([25, 2]);
});

test('a save that cannot get the lock within its bound rejects as transient and leaves nothing behind', async () => {
  const partition = await claimedPartition('1.me');
  const session = await lockingSession(partition);
  await expect(store.save(partition, '1.me', batch(10, [snapshot('w/a', 1)]))).rejects.toBeInstanceOf(TransientError);
  await session.query('rollback');
  await session.end();
  expect((await store.load(partition, ['w/a'])).size).toBe(0);
});

test('everything of a snapshot and a checkpoint comes back as it was saved', async () => {
  const partition = await claimedPartition('1.me');
  const whole = snapshot('w/x', 3, {
    origin: { commandId: 'c"\\,{}', commandHash: 'h' },
    wakeAt: 0,
    quarantine: { reason: 'hole at seq 4', offset: 17 },
  });
  await store.save(partition, '1.me', batch(12, [whole, snapshot('w/y', 1)]));
  const found = await store.load(partition, ['w/x', 'w/y', 'w/absent']);
  expect(found.get('w/x')).toEqual(whole);
  expect(found.get('w/y')).toEqual(snapshot('w/y', 1));
  expect(found.size).toBe(2);
  expect(await store.checkpoint(partition)).toEqual({ claimedEpoch: '1.me', ...checkpoint(12) });
});

test('V2: a quarantine is stored for an entity whose state stays at the same seq, and so is its release', async () => {
  const partition = await claimedPartition('1.me');
  const quarantine = { reason: 'hole', offset: 40 };
  await store.save(partition, '1.me', batch(1, [snapshot('w/x', 3)]));
  await store.save(partition, '1.me', batch(2, [snapshot('w/x', 3, { quarantine })]));
  expect((await store.load(partition, ['w/x'])).get('w/x')?.quarantine).toEqual(quarantine);
  await store.save(partition, '1.me', batch(3, [snapshot('w/x', 3)]));
  expect((await store.load(partition, ['w/x'])).get('w/x')?.quarantine).toBeUndefined();
});

test('of two owners that claim from the same row only one succeeds, and a repeat of a claim whose answer was lost succeeds', async () => {
  const partition = await claimedPartition('1.a');
  const [one, two] = await Promise.all([
    store.claim(partition, '1.a', '2.b', checkpoint(0), false),
    store.claim(partition, '1.a', '3.c', checkpoint(0), false),
  ]);
  expect([one.status, two.status].sort()).toEqual(['claimed', 'lost']);
  const winner = one.status === 'claimed' ? '2.b' : '3.c';
  expect((await store.checkpoint(partition))?.claimedEpoch).toBe(winner);
  expect(await store.claim(partition, '1.a', winner, checkpoint(0), false)).toEqual({ status: 'claimed' });
});

test('L11: a voiding claim drops snapshots and decided commands of its partition only', async () => {
  const partition = await claimedPartition('1.a');
  const neighbour = await claimedPartition('1.n');
  const decided = [{ commandId: 'c', commandHash: 'h', at: 5, answer: { ok: true, result: { a: 1 } } as const }];
  await store.save(partition, '1.a', { ...batch(50, [snapshot('w/a', 5)]), decided });
  await store.save(neighbour, '1.n', { ...batch(50, [snapshot('w/a', 5)]), decided });
  expect(await store.claim(partition, '1.a', '9.z', checkpoint(0), true)).toEqual({ status: 'claimed' });
  expect((await store.load(partition, ['w/a'])).size).toBe(0);
  expect((await store.findCommands(partition, ['c'])).size).toBe(0);
  expect(await store.checkpoint(partition)).toEqual({ claimedEpoch: '9.z', ...checkpoint(0) });
  expect((await store.load(neighbour, ['w/a'])).size).toBe(1);
  expect((await store.findCommands(neighbour, ['c'])).get('c')).toEqual(decided[0]);
});

test('two processes that migrate at the same moment both succeed, and only one runs the migrations', async () => {
  const fresh = { ...settings, schema: `migrate_${process.pid}` };
  const ran = await Promise.all([migrate(fresh), migrate(fresh), migrate(fresh)]);
  expect(ran.map((names) => names.length > 0).filter(Boolean)).toHaveLength(1);
  expect(await migrate(fresh)).toEqual([]);
});

const rivalPool = new PostgresPool(settings, snapshotLimits);
afterAll(() => rivalPool.close());
snapshotStoreContract('PostgresSnapshotStore', async () => {
  nextPartition += 2;
  const prompt = { forgetIntervalMs: 0 };
  const subject = {
    store: new PostgresSnapshotStore(pool, prompt),
    rival: new PostgresSnapshotStore(rivalPool, prompt),
    partition: nextPartition - 1,
    otherPartition: nextPartition,
  };
  return { ...subject, close: async () => undefined };
});
