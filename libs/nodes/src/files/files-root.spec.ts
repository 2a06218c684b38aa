import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pathProblem, resolveForReading, resolveForWriting } from './files-root.js';

let root = '';

beforeAll(() => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'files-root-')));
  root = join(base, 'root');
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(join(base, 'root-beside'));
  writeFileSync(join(base, 'secret.txt'), 'secret');
  writeFileSync(join(base, 'root-beside', 'x.txt'), 'x');
  writeFileSync(join(root, 'sub', 'in.txt'), 'in');
  symlinkSync(join(base, 'secret.txt'), join(root, 'link.txt'));
  symlinkSync(base, join(root, 'out-link'));
  symlinkSync(join(root, 'sub'), join(root, 'inner-link'));
});

describe('the files root', () => {
  it.each([
    '../secret.txt',
    'sub/../../secret.txt',
    '/etc/passwd',
    '../root-beside/x.txt',
    'link.txt',
    'out-link/secret.txt',
    'sub/in.txt\0',
  ])('does not let %j be read', async (path) => {
    await expect(resolveForReading(root, path)).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED', retryable: false });
  });

  it.each(['../new.txt', '/tmp/new.txt', 'link.txt', 'out-link/new.txt', 'out-link/deeper/new.txt', '.', ''])(
    'does not let %j be written',
    async (path) => {
      await expect(resolveForWriting(root, path)).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    },
  );

  it('reads files below it, also by an absolute path and through links that stay inside', async () => {
    const file = join(root, 'sub', 'in.txt');
    await expect(resolveForReading(root, 'sub/in.txt')).resolves.toBe(file);
    await expect(resolveForReading(root, file)).resolves.toBe(file);
    await expect(resolveForReading(root, 'inner-link/in.txt')).resolves.toBe(file);
  });

  it('makes missing directories for a file that is to be written', async () => {
    await expect(resolveForWriting(root, 'a/b/c.txt')).resolves.toBe(join(root, 'a', 'b', 'c.txt'));
    await expect(resolveForWriting(root, 'inner-link/d/e.txt')).resolves.toBe(join(root, 'sub', 'd', 'e.txt'));
  });

  it('says which file is missing', async () => {
    await expect(resolveForReading(root, 'nowhere.txt')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('tells a path that leads out by its text alone', () => {
    expect(pathProblem('../x')).toContain('leads out');
    expect(pathProblem('a/../../x')).toContain('leads out');
    expect(pathProblem('a/../x')).toBeUndefined();
  });
});
