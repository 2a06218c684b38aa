import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '#core';
import type { OwnerAnswer } from '#protocol';
import { startTestApp, type TestApp } from '../testing/test-app.js';

const running: TestApp[] = [];
let gateway: TestApp;

beforeEach(async () => {
  gateway = await startTestApp({ linesOf: async (_w, eid) => (eid === 'e1' ? [{ at: 0, nodeId: 'a', text: 'hello' }] : []) });
  running.push(gateway);
});
afterAll(async () => {
  for (const one of running) await one.app.close();
});

const found = (view: JsonObject): OwnerAnswer => ({ status: 'found', view, instance: 'e', epoch: '1.a' });
const execute = (query = '', payload?: object, headers: Record<string, string> = {}) =>
  gateway.app.inject({ method: 'POST', url: `/api/v1/workflows/w1/execute${query}`, headers, ...(payload ? { payload } : {}) });

describe('execute', () => {
  beforeEach(() => {
    gateway.cluster.decide = () => ({ ok: true, result: { workflowId: 'w1', executionId: 'x1', version: 4, status: 'started' } });
  });

  test('answers once the start is durable, with or without a body', async () => {
    const response = await execute('', { input: { a: 1 }, version: 4 });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      executionId: 'x1',
      workflowId: 'w1',
      status: 'started',
      message: expect.any(String),
      note: expect.any(String),
    });
    expect(gateway.cluster.commands[0]).toMatchObject({ type: 'ExecuteWorkflow', data: { input: { a: 1 }, version: 4 } });
    expect((await execute()).statusCode).toBe(200);
    expect((await gateway.app.inject({ method: 'POST', url: '/api/v1/workflows/w1/execute-es' })).json()).toMatchObject({
      executionId: 'x1',
    });
  });

  test('sends where to reply, the trace, and until when the command counts', async () => {
    await execute('', {}, { traceparent: '00-1-2-01' });
    const [command] = gateway.cluster.commands;
    const { reply, traceparent } = gateway.cluster.sent[0] ?? {};
    expect(reply).toEqual({ topic: 'workflow.replies', partition: 3, correlationId: expect.stringMatching(/^g\/./) });
    expect(traceparent).toBe('00-1-2-01');
    expect(command?.expiresAt).toBe((command?.issuedAt ?? 0) + 300);
  });

  test('with wait it answers the output of an ended execution', async () => {
    gateway.cluster.query = () => found({ executionId: 'x1', status: 'completed', output: { sum: 3 }, nodes: [] });
    const response = await execute('?wait=2s');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ executionId: 'x1', workflowId: 'w1', status: 'completed', output: { sum: 3 } });
    expect(gateway.cluster.asked[0]?.request.query).toMatchObject({ kind: 'result', executionId: 'x1', waitMs: 200 });
  });

  test('with wait it answers 202 and what is waited for when that takes longer', async () => {
    const waitingFor = { kind: 'signal', detail: 'go' };
    gateway.cluster.query = () => found({ executionId: 'x1', status: 'waiting', waitingFor });
    const response = await execute('?wait=10ms');
    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ executionId: 'x1', status: 'waiting', waitingFor });
  });

  test('with respond-async it answers 202 once the command is durable, though nobody owns the partition', async () => {
    gateway.cluster.engine = undefined;
    const response = await execute('', { executionId: 'mine' }, { prefer: 'respond-async' });
    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ status: 'accepted', executionId: 'mine', workflowId: 'w1' });
    expect(response.headers['preference-applied']).toBe('respond-async');
    expect(response.headers.location).toBe(`/api/v1/commands/${response.json().commandId}`);
    expect(gateway.cluster.commands[0]?.expiresAt).toBeUndefined();
  });

  test('the same Idempotency-Key makes the same command, another operation another one', async () => {
    const headers = { 'idempotency-key': 'k1' };
    await execute('', {}, headers);
    await execute('', {}, headers);
    await gateway.app.inject({ method: 'DELETE', url: '/api/v1/workflows/w1', headers });
    const [a, b, c] = gateway.cluster.commands.map((command) => command.commandId);
    expect(a).toBe(b);
    expect(c).not.toBe(a);
  });

  test.each(['?wait=soon', '?wait=6m', '?wait=-1s', '?wat=1s'])('refuses %s', async (query) => {
    expect((await execute(query)).statusCode).toBe(400);
  });

  test.each([[{ version: 'x' }], [{ executionId: '../x' }], [[1]]])('refuses the body %j', async (body) => {
    const response = await execute('', body);
    expect(response.statusCode).toBe(400);
    expect(gateway.cluster.sent).toHaveLength(0);
  });
});

describe('refusals and trouble', () => {
  test.each([
    ['WORKFLOW_INVALID', 409],
    ['EXECUTION_EXISTS', 409],
    ['WORKFLOW_NOT_FOUND', 404],
    ['VERSION_NOT_FOUND', 404],
    ['RESOURCE_EXHAUSTED', 429],
    ['EXPIRED', 408],
    ['COMMAND_CONFLICT', 409],
  ])('%s of the owner is a %i', async (code, status) => {
    gateway.cluster.decide = () => ({ code, message: 'because' });
    const response = await execute();
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code, message: 'because', workflowId: 'w1', commandId: expect.any(String) });
  });

  test('no answer in time is a 408 whose outcome is unknown, and the command can be asked about', async () => {
    gateway.cluster.decide = () => 'silence';
    const response = await execute();
    expect(response.statusCode).toBe(408);
    expect(response.json()).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown', commandId: expect.any(String) });
    const command = await gateway.app.inject(`/api/v1/commands/${response.json().commandId}`);
    expect(command.json()).toMatchObject({ status: 'pending', workflowId: 'w1' });
  });

  test('nobody owns the partition: 503 that names it, nothing sent', async () => {
    gateway.cluster.engine = undefined;
    const startedAt = Date.now();
    const response = await execute();
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'NO_OWNER', message: expect.stringMatching(/partition \d/) });
    expect(response.json()).not.toHaveProperty('outcome');
    expect(gateway.cluster.sent).toHaveLength(0);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
  });

  test('Kafka away is a 503 that says so', async () => {
    gateway.cluster.sendOutcome = { status: 'notWritten', reason: 'connection refused' };
    const response = await execute();
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'KAFKA_UNAVAILABLE', message: expect.stringContaining('connection refused') });
  });

  test('a send that may have arrived ends as unknown', async () => {
    gateway.cluster.sendOutcome = { status: 'unknown', reason: 'connection cut' };
    const response = await execute();
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'KAFKA_UNAVAILABLE', outcome: 'unknown' });
  });

  test('a gateway that is stopping takes no commands', async () => {
    gateway.commands.stopIntake();
    expect((await execute()).json()).toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

describe('one execution', () => {
  const at = '/api/v1/workflows/w1/executions/e1';

  test('detail comes from the owner', async () => {
    gateway.cluster.query = () => found({ executionId: 'e1', status: 'running' });
    expect((await gateway.app.inject(at)).json()).toMatchObject({ status: 'running' });
  });

  test('cancel answers the new state; a finished one is a 409', async () => {
    gateway.cluster.decide = () => ({ ok: true, result: { workflowId: 'w1', executionId: 'e1', status: 'cancelled' } });
    expect((await gateway.app.inject({ method: 'POST', url: `${at}/cancel` })).json()).toMatchObject({ status: 'cancelled' });
    gateway.cluster.decide = () => ({ code: 'EXECUTION_FINISHED', message: 'ended' });
    expect((await gateway.app.inject({ method: 'POST', url: `${at}/cancel` })).statusCode).toBe(409);
  });

  test.each([
    [undefined, null],
    [{ a: 1 }, { a: 1 }],
    [{ payload: { a: 1 } }, { a: 1 }],
    [
      { payload: 1, more: 2 },
      { payload: 1, more: 2 },
    ],
  ])('a signal with body %j carries %j', async (body, payload) => {
    await gateway.app.inject({ method: 'POST', url: `${at}/signal/go%20on`, ...(body ? { payload: body } : {}) });
    expect(gateway.cluster.commands[0]).toMatchObject({ type: 'SignalExecution', data: { executionId: 'e1', name: 'go on', payload } });
  });

  test('result waits in slices and moves with the owner', async () => {
    const views = [
      found({ status: 'running' }),
      { status: 'notOwner' } as const,
      found({ status: 'failed', error: { code: 'X', message: 'm' } }),
    ];
    gateway.cluster.query = () => views.shift() ?? 'silence';
    const response = await gateway.app.inject(`${at}/result?wait=5s`);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      executionId: 'e1',
      workflowId: 'w1',
      status: 'failed',
      output: null,
      error: { code: 'X', message: 'm' },
    });
    expect(gateway.cluster.asked).toHaveLength(3);
  });

  test('logs are lines with their time; without any, the owner says whether it exists', async () => {
    expect((await gateway.app.inject(`${at}/logs`)).json()).toEqual({ executionId: 'e1', logs: ['[1970-01-01T00:00:00.000Z] hello'] });
    expect((await gateway.app.inject('/api/v1/workflows/w1/executions/e2/logs')).json().code).toBe('EXECUTION_NOT_FOUND');
    gateway.cluster.query = () => found({ status: 'running' });
    expect((await gateway.app.inject('/api/v1/workflows/w1/executions/e2/logs')).json()).toEqual({ executionId: 'e2', logs: [] });
  });

  test('events come in pages by seq', async () => {
    const event = {
      id: 'w1/e1/6@1.a',
      type: 'SignalReceived',
      workflowId: 'w1',
      executionId: 'e1',
      seq: 6,
      at: 1,
      data: { name: 'go' },
    } as const;
    gateway.readModel.events = async (_w, _e, after) => (after === 5 ? [event] : []);
    const response = await gateway.app.inject(`${at}/events?after=5&limit=1`);
    expect(response.json()).toEqual([event]);
    expect(response.headers.link).toBe(`<${at}/events?limit=1&after=6>; rel="next"`);
  });
});
