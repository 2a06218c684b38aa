import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Checkpoint, Snapshot, SnapshotBatch } from '#runtime';
import { TransientError } from '#runtime';
import { PostgresServer } from '#testing/embedded';
import { migrate } from './migrate.js';
import { PostgresPool, snapshotLimits } from './postgres-pool.js';
import { PostgresSnapshotStore } from './snapshot-store.js';

let directory: string;
let server: PostgresServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-restart-'));
  chmodSync(directory, 0o755);
  server = await PostgresServer.start({ directory });
  // It listens before it has started up.
  await vi.waitFor(() => migrate({ url: server.url, applicationName: 'restart-spec' }), { timeout: 15_000, interval: 100 });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const checkpoint = (offset: number): Checkpoint => ({
  offset,
  epochAtOffset: '0.a',
  commandOffset: offset,
  decidedAbove: [],
  coveredTo: offset,
  coveredEpoch: '0.a',
});

function batchOf(seq: number): SnapshotBatch {
  const state = { status: 'absent' as const, seq, lastAt: seq };
  const snapshot: Snapshot = { kind: 'workflow', key: 'w', seq, finished: false, state };
  return { snapshots: [snapshot], decided: [], checkpoint: checkpoint(seq), forgetBefore: 0 };
}

/** Tries until the database answers again. */
async function saved(store: PostgresSnapshotStore, seq: number): Promise<void> {
  await expect.poll(() => store.save(1, '0.a', batchOf(seq)).catch(String), { timeout: 15_000, interval: 50 }).toBe('saved');
}

test('a crash of the server loses no confirmed save, and the store goes on by itself once the server is back', async () => {
  const settings = { url: server.url, applicationName: 'restart-spec' };
  const pool = new PostgresPool(settings, snapshotLimits);
  const store = new PostgresSnapshotStore(pool);
  await store.claim(1, undefined, '0.a', checkpoint(0), false);
  await store.save(1, '0.a', batchOf(5));

  await server.kill();
  await expect(store.save(1, '0.a', batchOf(6))).rejects.toBeInstanceOf(TransientError);
  await expect(migrate(settings)).rejects.toBeInstanceOf(TransientError);
  await server.restart();

  await saved(store, 7);
  expect((await store.load(1, ['w'])).get('w')?.seq).toBe(7);
  await pool.close();
});

test('a crash in the middle of a transaction rejects it and ends nothing else', async () => {
  const pool = new PostgresPool({ url: server.url, applicationName: 'restart-spec' }, snapshotLimits);
  const idle = pool.transaction('testing', async (transaction) => {
    await server.kill(); // nothing is asked at that moment: only the connection itself can tell
    return transaction.rows({ text: 'select 1' }, 'testing');
  });
  await expect(idle).rejects.toBeInstanceOf(TransientError);
  await server.restart();
  await expect.poll(() => pool.ping().catch(String), { timeout: 15_000, interval: 50 }).toBeUndefined();
  const asking = pool.transaction('testing', (transaction) =>
    Promise.all([transaction.rows({ text: 'select pg_sleep(5)' }, 'testing'), server.kill()]),
  );
  await expect(asking).rejects.toBeInstanceOf(TransientError);
  await server.restart();
  await pool.close();
});

test('a server that is frozen answers nothing: the save ends within its bound, as transient', async () => {
  const settings = { url: server.url, applicationName: 'restart-spec' };
  const pool = new PostgresPool(settings, snapshotLimits);
  const store = new PostgresSnapshotStore(pool);
  await saved(store, 10);
  const backends = await pool.rows<{ pid: number }>(
    { text: `select pid from pg_stat_activity where application_name = 'restart-spec'` },
    'x',
  );
  for (const { pid } of backends) process.kill(pid, 'SIGSTOP');
  const since = Date.now();
  try {
    await expect(store.save(1, '0.a', batchOf(11))).rejects.toBeInstanceOf(TransientError);
    expect(Date.now() - since).toBeLessThan(6_000);
  } finally {
    for (const { pid } of backends) process.kill(pid, 'SIGCONT');
  }
  await saved(store, 12);
  await pool.close();
});
