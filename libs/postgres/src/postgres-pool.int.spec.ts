import { afterAll, expect, inject, test } from 'vitest';
import { FatalError, TransientError } from '#runtime';
import { PostgresPool, readLimits, schemaName } from './postgres-pool.js';

const settings = { url: inject('postgresUrl'), schema: 'public', applicationName: `pool-spec-${process.pid}` };
const pool = new PostgresPool(settings, { ...readLimits, connections: 2, statementTimeoutMs: 300 });
const observer = new PostgresPool({ ...settings, applicationName: 'pool-spec-observer' }, readLimits);
afterAll(async () => {
  await pool.close();
  await observer.close();
});

const backends = () =>
  observer.rows<{ pid: number }>(
    { text: 'select pid from pg_stat_activity where application_name = $1', values: [settings.applicationName] },
    'looking',
  );

test('connections that the server ends are replaced: at most the statement in between fails, as transient', async () => {
  await pool.ping();
  for (const { pid } of await backends())
    await observer.rows({ text: 'select pg_terminate_backend($1)', values: [pid] }, 'ending a connection');
  await pool.ping().catch((error: unknown) => expect(error).toBeInstanceOf(TransientError));
  await pool.ping();
});

test('a statement past its bound ends as transient', async () => {
  const slow = pool.rows({ text: 'select pg_sleep(5)', values: [] }, 'sleeping');
  await expect(slow).rejects.toThrow(/while sleeping: .*timeout/);
  await expect(slow).rejects.toBeInstanceOf(TransientError);
});

test('a transaction that rejects leaves nothing behind and passes the error on as it is', async () => {
  const table = `pool_spec_${process.pid}`;
  await pool.rows({ text: `create table ${table} (n int)` }, 'creating');
  const broken = new RangeError('ours');
  const work = pool.transaction('trying', async (transaction) => {
    await transaction.rows({ text: `insert into ${table} values ($1)`, values: [1] }, 'inserting');
    throw broken;
  });
  await expect(work).rejects.toBe(broken);
  expect(await pool.rows({ text: `select n from ${table}` }, 'counting')).toEqual([]);
  await pool.transaction('trying', (transaction) =>
    transaction.rows({ text: `insert into ${table} values ($1)`, values: [2] }, 'inserting'),
  );
  expect(await pool.rows({ text: `select n from ${table}` }, 'counting')).toEqual([{ n: 2 }]);
  await pool.rows({ text: `drop table ${table}` }, 'dropping');
});

test('a wrong statement is fatal, and a server that is not there is transient', async () => {
  await expect(pool.rows({ text: 'select nonsense from nowhere' }, 'asking')).rejects.toBeInstanceOf(FatalError);
  const nowhere = new PostgresPool({ ...settings, url: 'postgres://x@127.0.0.1:1/postgres' }, readLimits);
  await expect(nowhere.ping()).rejects.toBeInstanceOf(TransientError);
  await nowhere.close();
});

test('a schema name that is not plain is refused', () => {
  expect(schemaName({})).toBe('millrace');
  expect(() => schemaName({ schema: 'a;drop' })).toThrow(RangeError);
});
