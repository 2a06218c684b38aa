import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '#core';
import { describeDataNode } from '../api/descriptor.js';
import type { Batch, TransformOperator } from '../api/operators.js';
import { sqlQuerySource, sqlQuerySourceOn, sqlQueryTransform, sqlQueryTransformOn } from './sql-query.js';
import { localSessions } from './testing/local-session.js';
import { testContext } from './testing/node-context.js';

async function collect(batches: AsyncIterable<Batch> | Iterable<Batch>): Promise<Json[][]> {
  const all: Json[][] = [];
  for await (const batch of batches) all.push([...batch]);
  return all;
}

describe('sql.query', () => {
  let root: string;
  let sessions: ReturnType<typeof localSessions>;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-sql-')));
    await writeFile(join(root, 'cities.csv'), 'city,country,size\nOslo,NO,700\nBergen,NO,280\nRome,IT,2800\n');
    sessions = localSessions(root);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  describe('as a source', () => {
    async function read(config: JsonObject, scope = {}): Promise<Json[][]> {
      const source = sqlQuerySourceOn(sessions.start).create(testContext(root, config, scope));
      const batches: Json[][] = [];
      for await (const { records } of source.read(undefined)) batches.push([...records]);
      await source.close?.();
      return batches;
    }

    it('reads files below the files root by their relative names', async () => {
      expect(await read({ sql: "SELECT country, sum(size) AS total FROM 'cities.csv' GROUP BY ALL ORDER BY ALL" })).toEqual([
        [
          { country: 'IT', total: 2800 },
          { country: 'NO', total: 980 },
        ],
      ]);
    });

    it('binds parameters and expressions over the execution', async () => {
      const config = {
        sql: "SELECT city FROM 'cities.csv' WHERE country IN (:countries) AND size > {{input.min}} ORDER BY city",
        parameters: { countries: ['NO', 'SE'] },
      };
      expect(await read(config, { input: { min: 300 } })).toEqual([[{ city: 'Oslo' }]]);
    });

    it('gives batches of the size asked for', async () => {
      const batches = await read({ sql: 'FROM range(5) t(n)', batchSize: 2 });
      expect(batches).toEqual([[{ n: 0 }, { n: 1 }], [{ n: 2 }, { n: 3 }], [{ n: 4 }]]);
    });

    it('fails with what the database says, not to be retried', async () => {
      await expect(read({ sql: 'SELECT nothing FROM nowhere' })).rejects.toMatchObject({
        name: 'NodeFailure',
        code: 'SQL_INVALID',
        retryable: false,
      });
      await expect(read({ sql: 'SELECT {{input.none}}' }, { input: {} })).rejects.toMatchObject({ code: 'EXPRESSION_FAILED' });
    });
  });

  describe('as a transform', () => {
    const create = (config: JsonObject): TransformOperator => sqlQueryTransformOn(sessions.start).create(testContext(root, config));

    it('sees the whole input as the table input', async () => {
      const node = create({ sql: 'SELECT k, count(*) AS n FROM input GROUP BY k ORDER BY k' });
      expect(node.state?.()).toBeNull();
      expect(await node.process([{ k: 'a' }, { k: 'b' }])).toEqual([]);
      expect(await node.process([{ k: 'a' }])).toEqual([]);
      expect(node.state?.()).toBeUndefined(); // what is in the database is in no checkpoint
      expect(await collect(node.finish?.() ?? [])).toEqual([
        [
          { k: 'a', n: 2 },
          { k: 'b', n: 1 },
        ],
      ]);
      await node.close?.();
      expect(sessions.started).toBe(1);
    });

    it('sees an empty table when nothing came in', async () => {
      const node = create({ sql: 'SELECT count(*) AS n FROM input' });
      expect(await collect(node.finish?.() ?? [])).toEqual([[{ n: 0 }]]);
      await node.close?.();
    });

    it('runs once per batch where asked to, over that batch alone, in one database', async () => {
      const node = create({ sql: 'SELECT sum(value) AS s FROM input', perBatch: true });
      expect(await node.process([1, 2])).toEqual([{ s: 3 }]);
      expect(await node.process([10])).toEqual([{ s: 10 }]);
      await node.close?.();
      expect(sessions.started).toBe(1);
    });

    it('starts no database when it is closed unused', async () => {
      await create({ sql: 'SELECT 1' }).close?.();
      expect(sessions.started).toBe(0);
    });
  });

  describe('in a definition', () => {
    const descriptor = describeDataNode(sqlQuerySource);
    const problems = (config: JsonObject) =>
      descriptor.validateConfig(descriptor.normaliseConfig(config)).map(({ path, message }) => `${path}: ${message}`);

    it('is right with parameters, expressions and old names', () => {
      expect(
        problems({
          query: 'SELECT :a, {{b}}, {{input.x}}',
          parameters: { a: 1, b: [2] },
          connection: 'default',
          timeout: '30s',
          batchSize: '10',
        }),
      ).toEqual([]);
      expect(descriptor.normaliseConfig({ query: 'SELECT 1' })).toEqual({ sql: 'SELECT 1', perBatch: false });
      expect(sqlQueryTransform.kind).toBe('transform');
    });

    it.each([
      [{}, 'sql: `sql` is missing'],
      [{ sql: 'SELECT :a' }, 'sql: :a has no value in `parameters`'],
      [{ sql: "SELECT '{{a}}'", parameters: { a: 1 } }, 'sql: {{a}} stands inside quotes, where it is just text; write it without them'],
      [{ sql: 'SELECT {{a +}}' }, expect.stringContaining('{{a +}} is neither one of `parameters` nor an expression')],
      [{ sql: 'SELECT 1', connection: 'warehouse' }, expect.stringContaining('connection: `connection` can only be `default`')],
      [{ sql: 'SELECT 1', timeout: 'soon' }, expect.stringContaining('timeout: `timeout` must be a duration')],
    ])('has a problem with %j', (config, expected) => {
      expect(problems(config as JsonObject)).toEqual([expected]);
    });
  });
});
