import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '#core';
import type { OwnerAnswer } from '#protocol';
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

const found = (view: JsonObject): OwnerAnswer => ({ status: 'found', view, instance: 'e', epoch: '1.a' });
test('lists of executions have ISO times; an unknown workflow is a 404', async () => {
  const row = {
    workflowId: 'w1',
    executionId: 'e1',
    workflowName: 'W',
    version: 1,
    status: 'running',
    startTime: 0,
    endTime: null,
    logsCount: 2,
  } as const;
  gateway.readModel.executions = async (query) => ({ items: query.workflowId === 'w2' ? [] : [row] });
  const iso = { executionId: 'e1', status: 'running', startTime: '1970-01-01T00:00:00.000Z', endTime: null, logsCount: 2 };
  expect((await gateway.app.inject('/api/v1/workflows/w1/executions')).json()).toEqual([{ ...iso, version: 1 }]);
  expect((await gateway.app.inject('/api/v1/executions?status=running')).json()).toMatchObject([{ workflowId: 'w1', ...iso }]);
  expect((await gateway.app.inject('/api/v1/workflows/w2/executions')).json().code).toBe('WORKFLOW_NOT_FOUND');
});

test('history waits a moment for a projector that is behind', async () => {
  let asked = 0;
  gateway.readModel.history = async () => {
    asked += 1;
    return asked < 3 ? undefined : { workflowId: 'w1', executions: [] };
  };
  gateway.cluster.query = () => found({ definition: {}, version: 1 });
  expect((await gateway.app.inject('/api/history/w1')).json()).toEqual({ workflowId: 'w1', executions: [] });
  gateway.cluster.query = () => ({ status: 'notFound' });
  expect((await gateway.app.inject('/api/history/w2/status')).statusCode).toBe(404);
  expect((await gateway.app.inject('/api/history/w2/timeline')).statusCode).toBe(404);
});

test('a command has the outcome that the read model knows; a made-up one is unknown', async () => {
  gateway.readModel.command = async (commandId) =>
    commandId === 'c1' ? { commandId, status: 'refused', at: 0, error: { code: 'WORKFLOW_EXISTS', message: 'm' } } : undefined;
  expect((await gateway.app.inject('/api/v1/commands/c1')).json()).toMatchObject({ status: 'refused', error: { code: 'WORKFLOW_EXISTS' } });
  const unknown = await gateway.app.inject('/api/v1/commands/c2');
  expect(unknown.statusCode).toBe(404);
  expect(unknown.json().code).toBe('COMMAND_UNKNOWN');
});

describe('while the owner is away', () => {
  const waiting: JsonObject = {
    executionId: 'e1',
    status: 'waiting',
    waitingFor: { kind: 'signal', since: '2026-01-01T00:00:00.000Z', detail: 'node a waits for the signal go', howToUnblock: 'POST …' },
  };
  const path = '/api/v1/workflows/w1/executions/e1';

  beforeEach(() => {
    gateway.cluster.query = () => ({ status: 'unavailable', code: 'RECOVERING', reason: 'reading the log' });
  });

  test('an execution says what it waits for, and why its owner does not answer', async () => {
    gateway.readModel.execution = async () => waiting;
    const answer = await gateway.app.inject(path);
    expect(answer.headers['x-read-from']).toBe('read-model');
    expect(answer.json().waitingFor).toMatchObject({
      kind: 'signal',
      owner: expect.stringMatching(/engine-1.*RECOVERING.*reading the log/),
    });
  });

  test('an execution that waits for nothing else waits for its owner', async () => {
    gateway.readModel.execution = async () => ({ executionId: 'e1', status: 'running' });
    expect((await gateway.app.inject(path)).json().waitingFor).toMatchObject({
      kind: 'owner',
      detail: expect.stringContaining('RECOVERING'),
    });
  });

  test('one that has ended waits for nobody, and its result is there', async () => {
    gateway.readModel.execution = async () => ({ executionId: 'e1', status: 'completed', output: 7 });
    expect((await gateway.app.inject(path)).json()).toEqual({ executionId: 'e1', status: 'completed', output: 7 });
    const result = await gateway.app.inject(`${path}/result`);
    expect(result.headers['x-read-from']).toBe('read-model');
    expect(result).toMatchObject({ statusCode: 200 });
    expect(result.json()).toMatchObject({ output: 7 });
  });

  test('a halted partition is named at once where the read model knows nothing', async () => {
    gateway.cluster.query = () => ({ status: 'unavailable', code: 'HALTED', reason: 'COMMANDS_REPLACED: recreated' });
    const answer = await gateway.app.inject(path);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'OWNER_UNAVAILABLE', message: expect.stringContaining('COMMANDS_REPLACED') });
    expect(gateway.cluster.asked).toHaveLength(1);
  });
});

test('events of the group have ISO times and durations; filters go to the read model', async () => {
  const asked: unknown[] = [];
  const move = { kind: 'failover', partition: 3, start: 1_000, end: 1_250, from: 'engine-2', to: 'engine-1', reason: 'gone' } as const;
  gateway.readModel.clusterEvents = async (query) => {
    asked.push(query);
    return { items: [move, { ...move, end: null }], nextCursor: 'c' };
  };
  const answer = await gateway.app.inject('/api/v1/cluster/events?limit=2&kind=failover&shardId=3');
  const iso = { start: '1970-01-01T00:00:01.000Z', end: '1970-01-01T00:00:01.250Z' };
  expect(answer.json()).toEqual([
    { ...move, ...iso, durationMs: 250 },
    { ...move, ...iso, end: null, durationMs: null },
  ]);
  expect(answer.headers.link).toContain('kind=failover');
  expect(asked).toEqual([{ limit: 2, kind: 'failover', partition: 3 }]);
  expect((await gateway.app.inject('/api/v1/cluster/events?kind=party')).statusCode).toBe(400);
});
