import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chain, node } from '../cluster/chain.js';
import type { Client } from '../cluster/client.js';
import { Scenario } from '../cluster/scenario.js';

const workflows = '/api/v1/workflows';
const json = { 'content-type': 'application/json' };
let scenario: Scenario;
let client: Client;
let outside: string;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 1, partitions: 4, environment: { MILLRACE_STAGE_MEMORY_MB: '48' } });
  client = scenario.client;
  await scenario.create(chain('good', node('say', 'flow.set', { values: { fine: 'true' } })));
  outside = join(scenario.directory, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), 'secret\n');
  symlinkSync(outside, join(scenario.cluster.filesRoot, 'exit'));
});
afterAll(() => scenario?.stop());

/** Whatever was done before: a good execution still comes through at once. */
async function expectUnharmed(): Promise<void> {
  const answer = await client.post(`${workflows}/good/execute?wait=5s`);
  expect(answer).toMatchObject({ status: 200, body: { output: { fine: true } } });
  expect(answer.ms).toBeLessThan(2_000);
}

describe('a bad request is the client’s mistake, and says which', () => {
  const definitionOf = (count: number) => JSON.stringify({ id: 'huge', description: 'x'.repeat(count), nodes: [], edges: [] });

  test.each<[string, string, string, string | undefined, Record<string, string>, number, string]>([
    ['malformed JSON', 'POST', '', '{"id": ', json, 400, 'INVALID_REQUEST'],
    ['a list', 'POST', '', '[]', json, 400, 'INVALID_REQUEST'],
    ['nothing', 'POST', '', undefined, json, 400, 'INVALID_REQUEST'],
    ['another content type', 'POST', '', '<a/>', { 'content-type': 'text/xml' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['another method', 'PATCH', '/good', '{}', json, 405, 'METHOD_NOT_ALLOWED'],
    ['too large a body', 'POST', '', definitionOf(2_000_000), json, 413, 'PAYLOAD_TOO_LARGE'],
    ['too deep a body', 'POST', '/good/execute', `{"input":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, json, 400, 'INVALID_REQUEST'],
    ['nodes that are no list', 'POST', '', '{"id":"a","nodes":{},"edges":[]}', json, 400, 'INVALID_REQUEST'],
    ['an id that is none', 'POST', '', '{"id":"../a","nodes":[],"edges":[]}', json, 400, 'INVALID_REQUEST'],
    ['an execution id of a wrong type', 'POST', '/good/execute', '{"executionId":7}', json, 400, 'INVALID_REQUEST'],
    ['a version that is none', 'POST', '/good/execute', '{"version":"first"}', json, 400, 'INVALID_REQUEST'],
    ['a version that is not there', 'POST', '/good/execute', '{"version":9}', json, 404, 'VERSION_NOT_FOUND'],
    ['an unknown parameter', 'POST', '/good/execute?wiat=1s', '{}', json, 400, 'INVALID_REQUEST'],
  ])('%s', async (_what, method, path, body, headers, status, code) => {
    const answer = await client.send(method, `${workflows}${path}`, body, headers);
    expect(answer).toMatchObject({ status, body: { code, message: expect.any(String), error: expect.any(String) } });
  });

  test('none of it harms anybody', expectUnharmed);
});

describe('a bad graph is a draft that lists its problems by path', () => {
  const numbers = node('a', 'sequence.numbers');
  const cases: [string, unknown[], unknown[], { path: string; code?: string }][] = [
    [
      'a cycle',
      [numbers, node('b', 'map', { expression: 'value' }), node('c', 'map', { expression: 'value' }), node('d', 'console.log')],
      [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' },
        { source: 'c', target: 'b' },
        { source: 'c', target: 'd' },
      ],
      { path: 'edges' },
    ],
    ['an unknown node type', [node('a', 'sequence.nubmers')], [], { path: 'nodes[0].nodeType' }],
    [
      'an edge to nowhere',
      [numbers, node('b', 'console.log')],
      [
        { source: 'a', target: 'b' },
        { source: 'a', target: 'x' },
      ],
      { path: 'edges[1].target' },
    ],
    [
      'a config of a wrong type',
      [node('a', 'sequence.numbers', { end: 'many' }), node('b', 'console.log')],
      [{ source: 'a', target: 'b' }],
      { path: 'nodes[0].config.end' },
    ],
    [
      'an expression that does not parse',
      [numbers, node('b', 'filter', { condition: 'value >' }), node('c', 'console.log')],
      [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' },
      ],
      { path: 'nodes[1].config.condition' },
    ],
    [
      'a path out of the files root',
      [numbers, node('b', 'file.csv', { path: '../b.csv' })],
      [{ source: 'a', target: 'b' }],
      { path: 'nodes[1].config.path' },
    ],
  ];

  test.each(cases)('%s', async (what, nodes, edges, { path }) => {
    const id = `draft-${what.replaceAll(' ', '-')}`;
    const created = await client.post(workflows, { id, nodes, edges });
    expect(created.status).toBe(201);
    const paths = (created.body.problems as { path: string; code: string; message: string }[]).map((problem) => problem.path);
    expect(paths.some((found) => found.startsWith(path))).toBe(true);
    const executed = await client.post(`${workflows}/${id}/execute`);
    expect(executed).toMatchObject({ status: 409, body: { code: 'WORKFLOW_INVALID', details: created.body.problems } });
    const strict = await client.post(`${workflows}?validate=strict`, { id: `${id}-strict`, nodes, edges });
    expect(strict).toMatchObject({ status: 400, body: { code: 'WORKFLOW_INVALID' } });
    expect((await client.get(`${workflows}/${id}/status`)).body).toMatchObject({ state: 'draft' });
  });
});

describe('a node that goes wrong fails its execution with a code, and nobody else’s', () => {
  const numbers = (end: number) => node('in', 'sequence.numbers', { end });
  const cases: [string, ReturnType<typeof node>[], RegExp][] = [
    ['an absolute path', [node('in', 'file.text', { path: '/etc/hostname' }), node('out', 'console.log')], /^PATH_NOT_ALLOWED$/],
    [
      'a read through a symbolic link',
      [node('in', 'file.text', { path: 'exit/secret.txt' }), node('out', 'console.log')],
      /^PATH_NOT_ALLOWED$/,
    ],
    ['a write through a symbolic link', [numbers(3), node('out', 'file.csv', { path: 'exit/b.csv' })], /^PATH_NOT_ALLOWED$/],
    ['a file that is not there', [node('in', 'file.csv', { path: 'nothing.csv' }), node('out', 'console.log')], /^FILE_NOT_FOUND$/],
    [
      'SQL that reads any file',
      [node('in', 'sql.query', { sql: "select * from read_text('/etc/hostname')" }), node('out', 'console.log')],
      /^SQL_NOT_ALLOWED$/,
    ],
    [
      'SQL that writes',
      [numbers(3), node('q', 'sql.query', { sql: "copy input to 'x.csv'" }), node('out', 'console.log')],
      /^SQL_NOT_ALLOWED$/,
    ],
    [
      'a stage that needs too much memory',
      [numbers(20_000_000), node('all', 'distinct'), node('out', 'aggregate.count')],
      /^OUT_OF_MEMORY$/,
    ],
    ['a stage that never ends', [numbers(1e15), node('out', 'aggregate.count', {}, { timeout: '2s' })], /^TIMED_OUT$/],
    ['a task that never ends', [node('spin', 'test.spin', {}, { timeout: '1s' })], /^TIMED_OUT$/],
    ['a task that throws', [node('t', 'test.throw')], /^TILL_EMPTY$/],
    ['a task whose result is too large for the log', [node('t', 'test.huge')], /^PAYLOAD_TOO_LARGE$/],
    ['a task whose result is not JSON', [node('t', 'test.not-json')], /^RESULT_NOT_JSON$/],
  ];

  test.each(cases)('%s', async (what, nodes, code) => {
    const id = what.replaceAll(' ', '-');
    await scenario.create(chain(id, ...nodes));
    const executionId = await client.execute(id);
    await expectUnharmed(); // while it goes wrong
    const detail = await client.reaches(id, executionId, ['failed', 'completed', 'timed_out'], 40_000);
    expect(detail).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(code), message: expect.any(String) } });
    await expectUnharmed();
  });

  test('a stage that times out names the node that it was in', async () => {
    const slow = node('slow', 'test.slow', { msPerThousand: 1e9 }, { timeout: '4s' });
    await scenario.create(chain('stuck-in-the-middle', numbers(10), slow, node('out', 'aggregate.count')));
    const executionId = await client.execute('stuck-in-the-middle');
    const detail = await client.reaches('stuck-in-the-middle', executionId, ['failed', 'completed'], 20_000);
    expect(detail).toMatchObject({
      status: 'failed',
      error: { code: 'TIMED_OUT', message: expect.stringContaining('node slow timed out') },
    });
    const failed = (detail.nodes as { nodeId: string; error?: unknown }[]).filter(({ error }) => error !== undefined);
    expect(failed.map(({ nodeId }) => nodeId)).toContain('slow');
  });

  test('no file was read or left outside of the root', async () => {
    expect(readdirSync(outside)).toEqual(['secret.txt']);
    for (const id of ['an-absolute-path', 'a-read-through-a-symbolic-link', 'SQL-that-reads-any-file']) {
      const [row] = Object.values((await client.get(`${workflows}/${id}/executions`)).body) as { executionId: string }[];
      expect((await client.get(`${workflows}/${id}/executions/${row?.executionId}/logs`)).body.logs).toEqual([]);
    }
  });
});
