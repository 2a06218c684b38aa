import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { databaseAway } from '../testing/fake-read-model.js';
import { startTestApp, type TestApp } from '../testing/test-app.js';

const running: TestApp[] = [];
let gateway: TestApp;

beforeEach(async () => {
  gateway = await startTestApp();
  running.push(gateway);
});
afterAll(async () => {
  for (const one of running) await one.app.close();
});

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  gateway.app.inject({ method: 'POST', url, payload, headers });

describe('create', () => {
  test('sends the definition as given and answers 201 with the problems that the owner found', async () => {
    const problems = [{ path: 'nodes', code: 'REQUIRED', message: 'a workflow needs a node' }];
    gateway.cluster.decide = () => ({ ok: true, result: { workflowId: 'w1', version: 1, problems } });
    const response = await post('/api/v1/workflows', { id: 'w1', name: 'W', 'x-own': { kept: [1] } });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ workflowId: 'w1', scheduleStatus: 'none', problems });
    expect(response.headers.location).toBe('/api/v1/workflows/w1');
    expect(gateway.cluster.commands[0]).toMatchObject({
      type: 'CreateWorkflow',
      data: { definition: { id: 'w1', 'x-own': { kept: [1] } } },
    });
  });

  test('makes up an id where there is none, the same one for the same Idempotency-Key', async () => {
    const first = await post('/api/v1/workflows', { name: 'W' }, { 'idempotency-key': 'a' });
    const again = await post('/api/v1/workflows', { name: 'W' }, { 'idempotency-key': 'a' });
    const other = await post('/api/v1/workflows', { name: 'W' });
    expect(first.json().workflowId).toMatch(/^wf-[0-9a-f]{16}$/);
    expect(again.json().workflowId).toBe(first.json().workflowId);
    expect(other.json().workflowId).not.toBe(first.json().workflowId);
    expect(gateway.cluster.commands[1]?.commandId).toBe(gateway.cluster.commands[0]?.commandId);
  });

  test('an existing id is a 409', async () => {
    gateway.cluster.decide = () => ({ code: 'WORKFLOW_EXISTS', message: 'there is a workflow "w1"' });
    const response = await post('/api/v1/workflows', { id: 'w1' });
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ error: 'Conflict', code: 'WORKFLOW_EXISTS', workflowId: 'w1' });
    expect(response.json()).not.toHaveProperty('outcome');
  });

  test('with validate=strict an invalid graph is a 400 with its problems', async () => {
    const details = [{ path: 'nodes', code: 'REQUIRED', message: '…' }];
    gateway.cluster.decide = (command) =>
      command.type === 'CreateWorkflow' && command.data.strict
        ? { code: 'WORKFLOW_INVALID', message: 'invalid', details: { problems: details } }
        : 'silence';
    const response = await post('/api/v1/workflows?validate=strict', { id: 'w1' });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'WORKFLOW_INVALID', details });
  });

  test.each([
    [{ id: '../etc' }, 'id'],
    [{ id: 7 }, 'id'],
    [{ nodes: 'none' }, 'nodes'],
    [{ nodes: [{ id: 'a' }, 'b'] }, 'nodes[1]'],
    [{ tags: [1] }, 'tags[0]'],
  ])('refuses %j with the path of what is wrong, and sends nothing', async (definition, path) => {
    const response = await post('/api/v1/workflows', definition);
    expect(response.statusCode).toBe(400);
    expect(response.json().details[0].path).toBe(path);
    expect(gateway.cluster.sent).toHaveLength(0);
  });
});

test('validate lists problems and sends nothing', async () => {
  expect((await post('/api/v1/workflows/validate', { nodes: [{}] })).json()).toEqual({ valid: true, problems: [] });
  const response = await post('/api/v1/workflows/validate', {});
  expect(response.json()).toMatchObject({ valid: false, problems: [{ path: 'nodes' }] });
  expect(gateway.cluster.sent).toHaveLength(0);
});

test('put makes a new version and refuses another id in the body', async () => {
  gateway.cluster.decide = () => ({ ok: true, result: { workflowId: 'w1', version: 2 } });
  const response = await gateway.app.inject({ method: 'PUT', url: '/api/v1/workflows/w1', payload: { name: 'W' } });
  expect(response.json()).toMatchObject({ workflowId: 'w1', version: 2 });
  const other = await gateway.app.inject({ method: 'PUT', url: '/api/v1/workflows/w1', payload: { id: 'w2' } });
  expect(other.json()).toMatchObject({ code: 'ID_MISMATCH', workflowId: 'w1' });
  expect(other.statusCode).toBe(400);
});

test('delete passes force on', async () => {
  await gateway.app.inject({ method: 'DELETE', url: '/api/v1/workflows/w1?force=true' });
  expect(gateway.cluster.commands[0]).toMatchObject({ type: 'DeleteWorkflow', data: { force: true } });
});

describe('reads', () => {
  test('the definition comes from the owner', async () => {
    gateway.cluster.query = () => ({ status: 'found', view: { definition: { id: 'w1' }, version: 3 }, instance: 'e', epoch: '1.a' });
    const response = await gateway.app.inject('/api/v1/workflows/w1');
    expect(response.json()).toEqual({ id: 'w1' });
    expect(response.headers).toMatchObject({ 'x-read-from': 'owner', 'x-workflow-version': '3' });
    expect(gateway.cluster.asked[0]?.request).toMatchObject({ query: { kind: 'workflow' }, secret: 'of-the-cluster-16' });
  });

  test('an id that the owner does not know is a 404', async () => {
    const response = await gateway.app.inject('/api/v1/workflows/nope/status');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ error: 'Not Found', code: 'WORKFLOW_NOT_FOUND', workflowId: 'nope' });
  });

  test('a frozen owner is replaced by the read model, marked as such', async () => {
    gateway.cluster.query = () => 'silence';
    gateway.readModel.workflowStatus = async () => ({ workflowId: 'w1', state: 'idle' });
    const response = await gateway.app.inject('/api/v1/workflows/w1/status');
    expect(response.json()).toMatchObject({ state: 'idle' });
    expect(response.headers['x-read-from']).toBe('read-model');
  });

  test('a frozen owner and an unknown id are a 408, never a 404', async () => {
    gateway.cluster.query = () => 'silence';
    const response = await gateway.app.inject('/api/v1/workflows/w1/status');
    expect(response.statusCode).toBe(408);
    expect(response.json().code).toBe('TIMEOUT');
  });

  test('nobody owns the partition: 503 that names it', async () => {
    gateway.cluster.engine = undefined;
    const response = await gateway.app.inject('/api/v1/workflows/w1/status');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'NO_OWNER', message: expect.stringMatching(/partition \d/) });
    expect(response.headers['retry-after']).toBe('1');
  });

  test('a version that the read model does not hold yet is asked of the owner', async () => {
    gateway.cluster.query = () => ({
      status: 'found',
      view: { definition: { id: 'w1', name: 'two' }, version: 2 },
      instance: 'e',
      epoch: '1.a',
    });
    expect((await gateway.app.inject('/api/v1/workflows/w1/versions/2')).json()).toMatchObject({ name: 'two' });
    const unknown = await gateway.app.inject('/api/v1/workflows/w1/versions/9');
    expect(unknown.json().code).toBe('VERSION_NOT_FOUND');
  });
});

describe('list', () => {
  const item = {
    workflowId: 'w1',
    partition: 1,
    name: 'W',
    description: '',
    tags: [],
    state: 'idle',
    version: 1,
    problemCount: 0,
  } as const;
  const counts = { createdAt: 1, updatedAt: 2, executionCount: 0, runningCount: 0 };

  test('answers a bare array and names the next page', async () => {
    gateway.readModel.workflows = async (query) => ({
      items: [{ ...item, ...counts, definition: { id: query.tag ?? '' } }],
      nextCursor: 'n/2',
    });
    const response = await gateway.app.inject('/api/v1/workflows?tag=blue&limit=1');
    expect(response.json()).toEqual([{ id: 'blue' }]);
    expect(response.headers).toMatchObject({ 'x-next-cursor': 'n/2', 'x-read-lag-ms': '12' });
    expect(response.headers.link).toBe('</api/v1/workflows?tag=blue&limit=1&cursor=n%2F2>; rel="next"');
  });

  test('answers summaries where asked', async () => {
    gateway.readModel.workflows = async () => ({ items: [{ ...item, ...counts }] });
    const response = await gateway.app.inject('/api/v1/workflows?fields=summary');
    expect(response.json()).toEqual([expect.objectContaining({ id: 'w1', state: 'idle', version: 1 })]);
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'state=dead', 'colour=blue'])('refuses ?%s', async (query) => {
    const response = await gateway.app.inject(`/api/v1/workflows?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().code).toBe('INVALID_REQUEST');
  });

  test('a database that is away is a 503 that says so', async () => {
    gateway.readModel.workflows = databaseAway;
    const response = await gateway.app.inject('/api/v1/workflows');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'POSTGRES_UNAVAILABLE', message: expect.stringContaining('connection refused') });
  });
});
