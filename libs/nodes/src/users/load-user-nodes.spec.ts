import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FatalError } from '#runtime';
import { loadUserNodes } from './load-user-nodes.js';

describe('loading the nodes of MILLRACE_NODES_DIR', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-nodes-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
  const task = (nodeType: string): string => `{ nodeType: '${nodeType}', kind: 'task', run: () => 1 }`;

  it('loads single nodes and lists of them from .js and .mjs, in the order of file names, and nothing else', async () => {
    await write('b.mjs', `export default [${task('demo.two')}, ${task('demo.three')}];`);
    await write('a.js', `export default ${task('demo.one')};`);
    await write('notes.txt', 'not a module');
    const loaded = await loadUserNodes(directory);
    expect(loaded.map(({ node }) => node.nodeType)).toEqual(['demo.one', 'demo.two', 'demo.three']);
    expect(loaded[0]?.url).toMatch(/^file:.*\/a\.js$/);
  });

  it('knows no nodes without a directory', async () => {
    expect(await loadUserNodes(undefined)).toEqual([]);
  });

  it.each([
    ['syntax.mjs', 'export default {', /syntax\.mjs: the file does not load/],
    ['throws.mjs', 'throw new Error("no licence")', /throws\.mjs: the file does not load: no licence/],
    ['empty.mjs', 'export const x = 1;', /empty\.mjs: a node must be an object/],
    ['kind.mjs', "export default { nodeType: 'a.b', kind: 'taks', run() {} }", /kind\.mjs: a\.b: kind must be task, source/],
    ['run.mjs', "export default { nodeType: 'a.b', kind: 'task' }", /run\.mjs: a\.b: a task needs a function run/],
    ['type.mjs', "export default { nodeType: '', kind: 'task', run() {} }", /type\.mjs: nodeType must be/],
    ['loop.mjs', "export default { nodeType: 'a.b', kind: 'task', runOn: 'here', run() {} }", /runOn must be thread or loop/],
    [
      'schema.mjs',
      "export default { nodeType: 'a.b', kind: 'task', run() {}, configSchema: { type: 'objekt' } }",
      /schema\.mjs: a\.b: configSchema is no valid/,
    ],
    ['twice.mjs', `export default [${task('a.b')}, ${task('a.b')}];`, /a\.b is also defined in/],
  ])('stops the start on %s with its name and the reason', async (name, text, message) => {
    await write(name, text);
    const failure = await loadUserNodes(directory).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FatalError);
    expect(failure).toMatchObject({ code: 'USER_NODES_INVALID', message: expect.stringMatching(message) });
  });

  it('stops the start when the directory is missing', async () => {
    await expect(loadUserNodes(join(directory, 'none'))).rejects.toThrow(/MILLRACE_NODES_DIR cannot be read/);
  });
});
