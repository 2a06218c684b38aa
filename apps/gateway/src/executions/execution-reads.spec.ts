import { afterAll, beforeEach, expect, test } from 'vitest';
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
