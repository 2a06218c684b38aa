import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrate, PostgresPool, projectionLimits } from '#postgres';
import type { ExecutionRow } from '../rows.js';
import { ProjectionStore } from './projection-store.js';
import { executionsQuery } from './write-sql.js';

const settings = { url: inject('postgresUrl'), schema: `waits_${process.pid}`, applicationName: 'waits-spec' };
const pool = new PostgresPool(settings, projectionLimits);
const store = new ProjectionStore(pool);

beforeAll(async () => {
  await migrate(settings);
});
afterAll(() => pool.close());

function row(executionId: string, seq: number, waitingKind: string | null, waitingSince: number | null): ExecutionRow {
  const times = { startedAt: 1, endedAt: null, lastEventAt: 1 };
  const rest = { version: 1, workflowName: 'W', commandId: null, quarantine: null, status: 'waiting' } as const;
  return { workflowId: 'w', executionId, partition: 0, seq, waitingKind, waitingSince, ...times, ...rest };
}

const write = (...rows: readonly ExecutionRow[]) => pool.rows(executionsQuery(rows), 'given');

test('the oldest wait of each kind is known, and forgotten once it is over', async () => {
  expect(await store.oldestWaits()).toEqual(new Map());
  await write(row('a', 1, 'timer', 300), row('b', 1, 'signal', 200), row('c', 1, 'timer', 100), row('d', 1, null, null));
  expect(await store.oldestWaits()).toEqual(new Map(Object.entries({ signal: 200, timer: 100 })));
  await write(row('c', 2, null, null), row('b', 2, null, null));
  expect(await store.oldestWaits()).toEqual(new Map([['timer', 300]]));
});
