import { describe, expect, it } from 'vitest';
import type { Json } from '#core';
import { bindSql, parseSql, placeholdersOf } from './sql-parameters.js';

const values: Readonly<Record<string, Json>> = { a: 1, city: "O'Hare", ids: [1, 2], none: [], b: 2 };
const bound = (sql: string) => bindSql(parseSql(sql, '/root'), ({ text }) => values[text] ?? `?${text}`);

describe('parameters of an SQL text', () => {
  it('are bound as values, never as text', () => {
    expect(bound('SELECT * FROM t WHERE city = :city AND n > {{ a }}')).toEqual({
      sql: 'SELECT * FROM t WHERE city = $p1 AND n > $p2',
      parameters: { p1: "O'Hare", p2: 1 },
    });
  });

  it.each([
    "SELECT ':a {{a}} ''still :a'''",
    'SELECT 1 AS ":a"',
    'SELECT 1 -- :a {{a}}',
    'SELECT 1 /* :a /* nested */ :a */',
    'SELECT $$ :a $$, $x$ :a $$ :a $x$',
    "SELECT E'\\' :a', 1",
    'SELECT x::a, x :: integer',
    'SELECT list[1:a], list[:a], list[a:b]',
    "SELECT {'k':a}, {k: a}",
    "SELECT 'unfinished :a",
  ])('are not found in %s', (sql) => {
    expect(bound(sql)).toEqual({ sql, parameters: {} });
  });

  it.each([
    ['SELECT :a::VARCHAR', 'SELECT $p1::VARCHAR'],
    ['SELECT [:a, :b]', 'SELECT [$p1, $p2]'],
    ["SELECT 'x' || :a", "SELECT 'x' || $p1"],
    ['LIMIT :a OFFSET :b', 'LIMIT $p1 OFFSET $p2'],
    ['f(:a,:b)', 'f($p1,$p2)'],
    ["SELECT {'k': :a}", "SELECT {'k': $p1}"],
    ["-- it's\nSELECT :a", "-- it's\nSELECT $p1"],
  ])('are found in %s', (sql, expected) => {
    expect(bound(sql).sql).toBe(expected);
  });

  it('spread a list inside IN, also an empty one, and bind it as a list elsewhere', () => {
    expect(bound('x IN (:ids) AND y NOT IN (:none)')).toEqual({
      sql: 'x IN ($p1, $p2) AND y NOT IN (SELECT NULL WHERE false)',
      parameters: { p1: 1, p2: 2 },
    });
    expect(bound('x in (0, :ids)').sql).toBe('x in (0, $p1, $p2)');
    expect(bound('list_contains(:ids, x)').parameters).toEqual({ p1: [1, 2] });
  });

  it('may be expressions in double braces', () => {
    expect(placeholdersOf(parseSql('SELECT {{input.limit + 1}}', '/root'))).toEqual([{ text: 'input.limit + 1', style: 'braces' }]);
  });

  it('inside quotes are named, because they bind nothing there', () => {
    expect(parseSql("SELECT '{{city}}', 'x {{ a }}'", '/root').inLiterals).toEqual(['city', 'a']);
  });
});

describe('file names in an SQL text', () => {
  it.each([
    ["FROM 'a/b.csv'", "FROM '/root/a/b.csv'"],
    ["SELECT * FROM x JOIN 'b.parquet' USING (id)", "SELECT * FROM x JOIN '/root/b.parquet' USING (id)"],
    ["FROM read_csv('a.csv', header = true)", "FROM read_csv('/root/a.csv', header = true)"],
    ["FROM read_parquet(['a.parquet', 'b/*.parquet'])", "FROM read_parquet(['/root/a.parquet', '/root/b/*.parquet'])"],
    ["FROM read_text('../up.txt')", "FROM read_text('/up.txt')"],
    ["FROM '/etc/passwd.csv'", "FROM '/etc/passwd.csv'"],
    ["FROM 's3://bucket/a.csv'", "FROM 's3://bucket/a.csv'"],
    ["SELECT 'a.csv'", "SELECT 'a.csv'"],
    ["SELECT extract(year FROM '2024-01-01')", "SELECT extract(year FROM '2024-01-01')"],
  ])('%s is relative to the files root', (sql, expected) => {
    expect(bound(sql).sql).toBe(expected);
  });
});
