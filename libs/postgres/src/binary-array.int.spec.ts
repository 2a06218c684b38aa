import { afterAll, expect, inject, test } from 'vitest';
import { bigintArray, booleanArray, textArray } from './binary-array.js';
import { PostgresPool, readLimits } from './postgres-pool.js';

const pool = new PostgresPool({ url: inject('postgresUrl'), schema: 'public', applicationName: 'binary-array-spec' }, readLimits);
afterAll(() => pool.close());

async function echo(type: string, array: Buffer): Promise<readonly unknown[]> {
  const rows = await pool.rows<{ v: unknown }>({ text: `select v from unnest($1::${type}[]) as n (v)`, values: [array] }, 'echoing');
  return rows.map((row) => row.v);
}

test('Postgres reads text arrays back, with quotes, backslashes, commas, braces, emoji, empty text and NULL', async () => {
  const values = ['', 'plain', '"quoted"', 'back\\slash', '{a,b}', 'NULL', '🚀 é', null];
  expect(await echo('text', textArray(values))).toEqual(values);
  expect(await echo('text', textArray([]))).toEqual([]);
});

test('a NUL character, which Postgres cannot store, becomes U+FFFD', async () => {
  expect(await echo('text', textArray(['a\0b']))).toEqual(['a\uFFFDb']);
});

test('Postgres reads bigint arrays back over the whole range of safe integers', async () => {
  const values = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null];
  expect(await echo('bigint', bigintArray(values))).toEqual(values);
  expect(await echo('bigint', bigintArray([]))).toEqual([]);
});

test('Postgres reads boolean arrays back', async () => {
  expect(await echo('boolean', booleanArray([true, false, true]))).toEqual([true, false, true]);
});
