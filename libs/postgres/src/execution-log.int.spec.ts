import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ExecutionLogStore } from './execution-log.js';
import { migrate } from './migrate.js';
import { executionLogLimits, PostgresPool } from './postgres-pool.js';

const settings = { url: inject('postgresUrl'), schema: `logs_${process.pid}`, applicationName: 'log-spec' };
const pool = new PostgresPool(settings, executionLogLimits);

beforeAll(async () => {
  await migrate(settings);
});
afterAll(() => pool.close());

const line = (executionId: string, text: string) => ({ workflowId: 'w', executionId, nodeId: 'n', at: 1_700_000_000_000, text });

test('lines come back in order of writing, of that execution only, and page by id', async () => {
  const logs = new ExecutionLogStore(pool);
  for (let i = 0; i < 2_500; i += 1) logs.write(line('e1', `line ${i}`));
  logs.write(line('e2', 'other'));
  await logs.flush();
  const first = await logs.read('w', 'e1', 0, 2_000);
  const rest = await logs.read('w', 'e1', first.at(-1)?.id ?? 0, 2_000);
  const texts = [...first, ...rest].map((stored) => stored.text);
  expect(texts).toEqual(Array.from({ length: 2_500 }, (_, i) => `line ${i}`));
});

test('a full queue drops further lines and says how many', async () => {
  const lost: number[] = [];
  const logs = new ExecutionLogStore(pool, { maxQueued: 3, onLost: (count) => lost.push(count) });
  for (let i = 0; i < 5; i += 1) logs.write(line('full', `${i}`));
  await logs.close();
  expect(lost).toEqual([2]);
  expect(await logs.read('w', 'full', 0, 10)).toHaveLength(3);
});

test('lines wait while the database cannot be asked, and what is never taken is counted', async () => {
  const nowhere = new PostgresPool({ ...settings, url: 'postgres://millrace@127.0.0.1:1/postgres' }, executionLogLimits);
  const lost: string[] = [];
  const logs = new ExecutionLogStore(nowhere, { onLost: (count, reason) => lost.push(`${count}: ${reason}`) });
  logs.write(line('waiting', 'kept'));
  await logs.flush();
  expect(lost).toEqual([]);
  await logs.close();
  expect(lost).toEqual(['1: the database did not take them before the stop']);
  await nowhere.close();
});

test('a text with NUL characters or of great length is stored in a form that can be read', async () => {
  const logs = new ExecutionLogStore(pool);
  logs.write(line('odd', 'a\0b'));
  logs.write(line('odd', 'x'.repeat(100_000)));
  await logs.close();
  const [nul, long] = await logs.read('w', 'odd', 0, 10);
  expect(nul?.text).toBe('a\uFFFDb');
  expect(long?.text).toHaveLength(16_385);
});
