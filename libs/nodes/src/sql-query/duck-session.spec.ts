import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '#core';
import { LocalDuckSession } from './duck-session.js';

describe('a DuckDB session', () => {
  let directory: string;
  let root: string;
  let session: LocalDuckSession;

  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'millrace-duck-')));
    root = join(directory, 'root');
    await mkdir(root);
    await writeFile(join(root, 'in.csv'), 'a,b\n1,x\n2,y\n');
    await writeFile(join(directory, 'secret.txt'), 'SECRET');
    await writeFile(join(directory, 'secret.csv'), 'a\nSECRET\n');
    session = new LocalDuckSession();
    await session.open({ filesRoot: root, memoryMb: 128, spillDirectory: join(directory, 'spill'), spillMb: 256, threads: 1 });
  });
  afterEach(async () => {
    session.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function rowsOf(sql: string, parameters: Readonly<Record<string, Json>> = {}): Promise<Json[]> {
    await session.query({ sql, parameters });
    const rows: Json[] = [];
    for (let part = await session.fetch(); part !== undefined; part = await session.fetch()) rows.push(...part);
    return rows;
  }

  describe('is shut in', () => {
    it('reads files below the root', async () => {
      expect(await rowsOf(`SELECT sum(a) AS s FROM '${root}/in.csv'`)).toEqual([{ s: 3 }]);
      expect(await rowsOf(`SELECT count(*) AS n FROM glob('${root}/*')`)).toEqual([{ n: 1 }]);
    });

    it.each([
      "read_text('/etc/passwd')",
      "read_csv('/etc/passwd')",
      "'/etc/passwd'",
      "read_blob('/proc/self/environ')",
      "read_text('ROOT/../secret.txt')",
      "'ROOT/../secret.csv'",
      "read_text('ROOT/link.txt')",
      "read_text('ROOT/out/secret.txt')",
      "glob('/etc/*')",
      "glob('ROOT/../*')",
      "glob('ROOT/out/*')",
      "sniff_csv('/etc/passwd')",
      "read_csv('http://127.0.0.1:1/x.csv')",
      "read_parquet('s3://bucket/x.parquet')",
      "read_text(['ROOT/in.csv', '/etc/passwd'])",
      "query('SELECT * FROM read_text(''/etc/passwd'')')",
    ])('cannot read %s', async (what) => {
      await symlink(join(directory, 'secret.txt'), join(root, 'link.txt'));
      await symlink(directory, join(root, 'out'));
      const answer = await rowsOf(`SELECT * FROM ${what.replace('ROOT', root)}`).catch((error: unknown) => error);
      expect(answer).toMatchObject({ code: expect.stringMatching(/^SQL_/), retryable: expect.any(Boolean) });
      expect(String(answer)).not.toMatch(/SECRET|root:/);
    });

    it.each([
      "COPY (SELECT 1) TO 'ROOT/out.csv'",
      'CREATE TABLE t (x INTEGER)',
      'INSERT INTO input VALUES (1)',
      'DROP TABLE input',
      "ATTACH 'ROOT/other.db'",
      "EXPORT DATABASE 'ROOT/dump'",
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET lock_configuration = false',
      'SET enable_external_access = true',
      "PRAGMA enable_profiling='json'",
      "PRAGMA profiling_output='ROOT/p.json'",
      'RESET threads',
      'CALL pragma_version()',
      'EXPLAIN ANALYZE SELECT 1',
      'CHECKPOINT',
      'PREPARE p AS SELECT 1',
      'SELECT 1; SELECT 2',
      "SELECT 1; COPY (SELECT 1) TO 'ROOT/out.csv'",
      'WITH x AS (DELETE FROM input RETURNING *) SELECT * FROM x',
      '',
      '-- nothing',
    ])('refuses %s', async (sql) => {
      await session.append([{ a: 1 }]);
      await expect(rowsOf(sql.replaceAll('ROOT', root))).rejects.toMatchObject({
        code: expect.stringMatching(/^SQL_(NOT_ALLOWED|INVALID)$/),
        retryable: false,
      });
      expect(await readdir(root)).toEqual(['in.csv']);
      expect(await rowsOf('SELECT count(*) AS n FROM input')).toEqual([{ n: 1 }]);
    });

    it('allows WITH, FROM-first, VALUES and SUMMARIZE', async () => {
      expect(await rowsOf('WITH x AS (SELECT 1 AS a) SELECT * FROM x')).toEqual([{ a: 1 }]);
      expect(await rowsOf('FROM range(2)')).toEqual([{ range: 0 }, { range: 1 }]);
      expect(await rowsOf("VALUES (1, 'a')")).toEqual([{ col0: 1, col1: 'a' }]);
    });

    it('fails, and only then, when a query needs more memory than it may have', async () => {
      const sql = 'SELECT list(r) AS l FROM (SELECT repeat(i::VARCHAR, 100) AS r FROM range(3000000) t(i))';
      await expect(rowsOf(sql)).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
      expect(await rowsOf('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  describe('takes records as the table input', () => {
    it('finds their columns, also those that come later', async () => {
      await session.append([{ a: 1, b: 'x' }, { a: 2 }]);
      await session.append([{ a: 3, c: true }]);
      expect(await rowsOf('SELECT * FROM input ORDER BY a')).toEqual([
        { a: 1, b: 'x', c: null },
        { a: 2, b: null, c: null },
        { a: 3, b: null, c: true },
      ]);
    });

    it('widens a column when a record does not fit it', async () => {
      await session.append([{ n: 1, t: 1, j: 1, x: null }]);
      await session.append([{ n: 1.5, t: 'x', j: { k: [1] }, x: 7 }]);
      expect(await rowsOf('SELECT typeof(n) AS n, typeof(t) AS t, typeof(j) AS j, typeof(x) AS x FROM input LIMIT 1')).toEqual([
        { n: 'DOUBLE', t: 'VARCHAR', j: 'JSON', x: 'BIGINT' },
      ]);
      expect(await rowsOf('SELECT sum(n) AS s, list(t) AS t, list(j) AS j FROM input')).toMatchObject([{ s: 2.5, t: ['1', 'x'] }]);
      expect(await rowsOf("SELECT j->'k' AS k FROM input WHERE t = 'x'")).toEqual([{ k: [1] }]);
    });

    it('keeps bare values in the column value, and lists as JSON', async () => {
      await session.append([1, 2, 3.5]);
      expect(await rowsOf('SELECT sum(value) AS s FROM input')).toEqual([{ s: 6.5 }]);
    });

    it('tells names apart that differ only in case', async () => {
      await session.append([{ Name: 'a', name: 'b' }]);
      expect(await rowsOf('SELECT * FROM input')).toEqual([{ Name: 'a', name_1: 'b' }]);
    });

    it('takes odd names and any text as they are', async () => {
      const row = { 'a "quoted" name': 'O\'Hare "x"\n;--', select: 1, ü: '😀' };
      await session.append([row]);
      expect(await rowsOf('SELECT * FROM input')).toEqual([row]);
    });

    it('is an empty table when no record came', async () => {
      expect(await rowsOf('SELECT count(*) AS n FROM input')).toEqual([{ n: 0 }]);
    });

    it('forgets records and columns when it is cleared', async () => {
      await session.append([{ a: 1 }]);
      await session.clear();
      await session.append([{ b: 2 }]);
      expect(await rowsOf('SELECT * FROM input')).toEqual([{ b: 2 }]);
    });

    it('takes many records over several chunks, in order', async () => {
      for (let batch = 0; batch < 5; batch += 1) await session.append(Array.from({ length: 1_500 }, (_, i) => ({ n: batch * 1_500 + i })));
      const rows = await rowsOf('SELECT n FROM input');
      expect(rows).toEqual(Array.from({ length: 7_500 }, (_, n) => ({ n })));
    });
  });

  it('gives every type as JSON', async () => {
    const [row] = await rowsOf(`SELECT
      9007199254740991::BIGINT AS exact, 9007199254740993::BIGINT AS big, 170141183460469231731687303715884105727::HUGEINT AS huge,
      1.50::DECIMAL(10,2) AS price, 12345678901234567890.12::DECIMAL(38,2) AS wide, 0.1::DOUBLE AS d, 'NaN'::DOUBLE AS nan, 'inf'::DOUBLE AS inf,
      DATE '2024-02-29' AS day, TIME '10:20:30' AS time, TIMESTAMP '2024-02-29 10:20:30.5' AS ts,
      TIMESTAMPTZ '2024-02-29 10:20:30+02' AS tz, INTERVAL 3 DAY AS i, [1, NULL, 3] AS l, {'a': 1, 'b': [DATE '2024-01-01']} AS s,
      MAP {'k': 1} AS m, '{"x": [1, null]}'::JSON AS j, NULL AS n, true AS t, 'a'::ENUM ('a', 'b') AS e`);
    expect(row).toEqual({
      exact: 9007199254740991,
      big: '9007199254740993',
      huge: '170141183460469231731687303715884105727',
      price: 1.5,
      wide: '12345678901234567890.12',
      d: 0.1,
      nan: null,
      inf: null,
      day: '2024-02-29',
      time: '10:20:30',
      ts: '2024-02-29T10:20:30.5',
      tz: '2024-02-29T08:20:30.000Z',
      i: '3 days',
      l: [1, null, 3],
      s: { a: 1, b: ['2024-01-01'] },
      m: { k: 1 },
      j: { x: [1, null] },
      n: null,
      t: true,
      e: 'a',
    });
  });

  it('binds parameters of every kind', async () => {
    const parameters = { p1: 7, p2: 1.5, p3: "x'; DROP TABLE input; --", p4: null, p5: true, p6: [1, 2.5], p7: { k: 1 }, p8: [] };
    expect(
      await rowsOf('SELECT $p1 + 1 AS a, $p2 AS b, $p3 AS c, $p4 AS d, $p5 AS e, $p6 AS f, $p7::JSON AS g, len($p8) AS h', parameters),
    ).toEqual([{ a: 8, b: 1.5, c: "x'; DROP TABLE input; --", d: null, e: true, f: [1, 2.5], g: { k: 1 }, h: 0 }]);
    await expect(rowsOf('SELECT $p9', parameters)).rejects.toMatchObject({ code: 'SQL_PARAMETER_MISSING' });
  });

  it('leaves no files behind', async () => {
    await rowsOf('SELECT count(*) AS n FROM range(1000000)');
    session.close();
    expect(existsSync(join(directory, 'spill'))).toBe(false);
  });
});
