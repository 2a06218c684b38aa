import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DuckProcess } from './duck-process.js';
import { SqlTrouble } from './sql-trouble.js';
import { compileDuckProcess } from './testing/compiled-process.js';

const endless = 'SELECT count(*) AS n FROM range(4000000) a(x), range(4000000) b(y) WHERE hash(x, y) % 7 = 3';

describe('a DuckDB session in a process of its own', () => {
  let directory: string;
  let entry: URL;
  const started: DuckProcess[] = [];

  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'millrace-duck-process-')));
    await mkdir(join(directory, 'code'));
    entry = await compileDuckProcess(join(directory, 'code'));
  });
  afterEach(async () => {
    const over = new SqlTrouble('SQL_CLOSED', 'over', true);
    await Promise.all(
      started.splice(0).map((session) => {
        session.kill(over);
        return session.ended;
      }),
    );
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function open(): Promise<DuckProcess> {
    const session = new DuckProcess(64, entry);
    started.push(session);
    await session.open({ filesRoot: directory, memoryMb: 64, spillDirectory: session.spillDirectory, spillMb: 512, threads: 1 });
    return session;
  }

  it('takes records and gives rows', async () => {
    const session = await open();
    await session.append([
      { a: 1, b: ['x'] },
      { a: 2, b: null },
    ]);
    await session.query({ sql: 'SELECT a * $p1 AS c, b FROM input', parameters: { p1: 10 } });
    expect(await session.fetch()).toEqual([
      { c: 10, b: ['x'] },
      { c: 20, b: null },
    ]);
    expect(await session.fetch()).toBeUndefined();
  });

  it('passes troubles on with their codes, and goes on', async () => {
    const session = await open();
    await expect(session.query({ sql: "FROM read_text('/etc/passwd')", parameters: {} })).rejects.toMatchObject({
      code: 'SQL_NOT_ALLOWED',
      retryable: false,
    });
    await session.query({ sql: 'SELECT 1 AS one', parameters: {} });
    expect(await session.fetch()).toEqual([{ one: 1 }]);
  });

  it('can be ended in the middle of a query, and fails its calls with the reason', async () => {
    const session = await open();
    const query = session.query({ sql: endless, parameters: {} }).then(() => session.fetch());
    const failed = expect(query).rejects.toMatchObject({ code: 'SQL_TIMEOUT', message: 'too long' });
    session.kill(new SqlTrouble('SQL_TIMEOUT', 'too long', true));
    await failed;
    await session.ended;
    await expect(session.fetch()).rejects.toMatchObject({ code: 'SQL_TIMEOUT' });
  });

  it('spills beyond its memory and takes what it spilled along when it is ended', async () => {
    const session = await open();
    await session.query({ sql: 'SELECT count(*) AS n FROM (SELECT DISTINCT hash(i) AS h FROM range(5000000) t(i))', parameters: {} });
    expect(await session.fetch()).toEqual([{ n: 5_000_000 }]);
    expect(existsSync(session.spillDirectory)).toBe(true);
    session.kill(new SqlTrouble('SQL_CLOSED', 'over', true));
    await session.ended;
    expect(existsSync(session.spillDirectory)).toBe(false);
  });

  it('says so when the process cannot be used', async () => {
    const session = new DuckProcess(64, new URL('file:///nowhere/main.js'));
    const limits = { filesRoot: directory, memoryMb: 64, spillDirectory: session.spillDirectory, spillMb: 64, threads: 1 };
    await expect(session.open(limits)).rejects.toMatchObject({ code: 'SQL_PROCESS_ENDED', retryable: true });
    await session.ended;
  });
});
