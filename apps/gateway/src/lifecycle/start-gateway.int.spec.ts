import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadSettings, type Settings } from '#config';
import { createLogger } from '#observability';
import { type RunningGateway, startGateway } from './start-gateway.js';

const unique = `g${randomBytes(4).toString('hex')}`;
const logger = createLogger({ level: 'error', instance: unique, app: 'gateway' });
let gateway: RunningGateway;

function settingsWith(overrides: Record<string, string>): Settings {
  return loadSettings({
    MILLRACE_ENV: 'test',
    MILLRACE_KAFKA_BROKERS: inject('kafkaBrokers'),
    MILLRACE_POSTGRES_URL: inject('postgresUrl'),
    MILLRACE_POSTGRES_SCHEMA: unique,
    MILLRACE_TOPIC_PREFIX: unique,
    MILLRACE_GROUP_ID: unique,
    MILLRACE_PARTITIONS: '4',
    MILLRACE_REPLICATION_FACTOR: '1',
    MILLRACE_HTTP_PORT: '0',
    MILLRACE_INSTANCE_ID: unique,
    MILLRACE_REQUEST_TIMEOUT_MS: '2000',
    ...overrides,
  });
}

async function until(url: string, status: number): Promise<Response> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const response = await fetch(url);
    if (response.status === status) return response;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not answer ${status} within 30 s`);
}

beforeAll(async () => {
  gateway = await startGateway(settingsWith({}), logger, '0.0.0');
  await until(`${gateway.url}/health/ready`, 200);
});
afterAll(() => gateway.stop());

test('without engines a command is refused in under a second and names the partition; nothing was sent', async () => {
  const startedAt = performance.now();
  const response = await fetch(`${gateway.url}/api/v1/workflows/w1/execute`, { method: 'POST' });
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: 'NO_OWNER', message: expect.stringMatching(/partition \d/) });
});

test('without engines a command with respond-async is durable and pending', async () => {
  const headers = { prefer: 'respond-async' };
  const response = await fetch(`${gateway.url}/api/v1/workflows/w1/execute`, { method: 'POST', headers });
  expect(response.status).toBe(202);
  const command = await fetch(`${gateway.url}${response.headers.get('location')}`);
  expect(await command.json()).toMatchObject({ status: 'pending', workflowId: 'w1' });
});

test('lists come from the read model, and shards are unowned', async () => {
  const list = await fetch(`${gateway.url}/api/v1/workflows`);
  expect(list.status).toBe(200);
  expect(await list.json()).toEqual([]);
  const shards = await (await fetch(`${gateway.url}/api/v1/cluster/shards`)).json();
  expect(shards).toMatchObject({ totalShards: 4, activeShards: 0, shards: [{ shardId: 0, location: null, state: 'unowned' }, {}, {}, {}] });
});

test('definitions are validated by the real catalog', async () => {
  const body = JSON.stringify({ nodes: [{ id: 'a', nodeType: 'no.such' }], edges: [{ from: 'a', to: 'b' }] });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/api/v1/workflows/validate`, { method: 'POST', headers, body });
  const { valid, problems } = (await response.json()) as { valid: boolean; problems: { path: string }[] };
  expect(valid).toBe(false);
  expect(problems.map((problem) => problem.path)).toEqual(expect.arrayContaining(['nodes[0].nodeType', 'edges[0].to']));
  const types = (await (await fetch(`${gateway.url}/api/v1/workflows/node-types`)).json()) as Record<string, { type: string }[]>;
  expect(types.transform?.map((entry) => entry.type)).toContain('filter');
});

test('a gateway that reaches nothing serves, says what it waits for, and stops', async () => {
  const away = {
    MILLRACE_KAFKA_BROKERS: '127.0.0.1:1',
    MILLRACE_POSTGRES_URL: 'postgres://u:p@127.0.0.1:1/x',
    MILLRACE_INSTANCE_ID: `${unique}-away`,
  };
  const lonely = await startGateway(settingsWith(away), createLogger({ level: 'silent', instance: 'x', app: 'gateway' }), '0.0.0');
  expect((await fetch(`${lonely.url}/health/live`)).status).toBe(200);
  const ready = await (await until(`${lonely.url}/health/ready`, 503)).json();
  expect(ready).toMatchObject({ details: { ready: { waitingFor: { kafka: expect.any(String), postgres: expect.any(String) } } } });
  expect(await (await fetch(`${lonely.url}/api/v1/workflows`)).json()).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
  expect(await (await fetch(`${lonely.url}/api/v1/workflows/w`, { method: 'DELETE' })).json()).toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
  await lonely.stop();
  await expect(fetch(`${lonely.url}/health/live`)).rejects.toThrow();
});
