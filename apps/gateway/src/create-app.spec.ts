import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from './openapi/operations.js';
import { startTestApp, type TestApp } from './testing/test-app.js';

let gateway: TestApp;
beforeAll(async () => {
  gateway = await startTestApp();
});
afterAll(() => gateway.app.close());

describe('errors that no controller sees', () => {
  test('an unknown path is a 404 with the usual body', async () => {
    const response = await gateway.app.inject('/api/v1/nothing?x=1');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ error: 'Not Found', code: 'NOT_FOUND', message: expect.stringContaining('/api/v1/nothing') });
  });

  test('a path of a later version is an unknown path', async () => {
    expect((await gateway.app.inject({ method: 'POST', url: '/api/v1/workflows/w1/executions/e1/pause' })).statusCode).toBe(404);
  });

  test('a wrong method is a 405 that lists the right ones', async () => {
    const response = await gateway.app.inject({ method: 'PATCH', url: '/api/v1/workflows/w1', payload: {} });
    expect(response.statusCode).toBe(405);
    expect(response.json().code).toBe('METHOD_NOT_ALLOWED');
    expect(response.headers.allow).toBe('DELETE, GET, HEAD, PUT');
    expect((await gateway.app.inject({ method: 'GET', url: '/api/v1/workflows/w1/execute' })).statusCode).toBe(405);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('content type %s is a 415', async (type) => {
    const response = await gateway.app.inject({
      method: 'POST',
      url: '/api/v1/workflows',
      payload: 'a',
      headers: { 'content-type': type },
    });
    expect(response.statusCode).toBe(415);
    expect(response.json().code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  test.each(['{"id":', 'nope', '{"__proto__": {"a": 1}}', `${'['.repeat(5_000)}${']'.repeat(5_000)}`])(
    'an unreadable body (case %#) is a 400',
    async (payload) => {
      const headers = { 'content-type': 'application/json' };
      const response = await gateway.app.inject({ method: 'POST', url: '/api/v1/workflows', payload, headers });
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ error: 'Bad Request', code: 'INVALID_REQUEST', message: expect.stringContaining('body') });
    },
  );

  test.each(['', '[1]', '"text"', 'null'])('a definition must be an object, not %j', async (payload) => {
    const headers = { 'content-type': 'application/json' };
    const response = await gateway.app.inject({ method: 'POST', url: '/api/v1/workflows', payload, headers });
    expect(response.statusCode).toBe(400);
    expect(response.json().message).toContain('JSON object');
  });

  test('a body over the limit is a 413', async () => {
    const response = await gateway.app.inject({ method: 'POST', url: '/api/v1/workflows', payload: { name: 'x'.repeat(60_000) } });
    expect(response.statusCode).toBe(413);
    expect(response.json().code).toBe('PAYLOAD_TOO_LARGE');
  });

  test.each(['/api/v1/workflows/%E0%A4%A', '/api/v1/workflows/a%2Fb', `/api/v1/workflows/${'x'.repeat(200)}`])(
    'an unreadable path (case %#) is a 400',
    async (url) => {
      const response = await gateway.app.inject(url);
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ code: 'INVALID_REQUEST' });
    },
  );

  test('an unexpected error is a 500 without its inside', async () => {
    gateway.readModel.lagMs = async () => {
      throw new Error('secret of the house');
    };
    const response = await gateway.app.inject('/api/v1/workflows');
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('secret');
    gateway.readModel.lagMs = async () => 1;
  });
});

describe('operations', () => {
  test('health says what is waited for; live stays up', async () => {
    gateway.readiness.set('kafka', 'no broker answers');
    const ready = await gateway.app.inject('/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ status: 'error', details: { ready: { waitingFor: { kafka: 'no broker answers' } } } });
    expect((await gateway.app.inject('/health/live')).statusCode).toBe(200);
    gateway.readiness.set('kafka');
    expect((await gateway.app.inject('/health/ready')).statusCode).toBe(200);
  });

  test('metrics count by route template, never by id', async () => {
    await gateway.app.inject('/api/v1/workflows/some-id/status');
    await gateway.app.inject({ method: 'POST', url: '/api/v1/workflows/some-id/execute' });
    const { body } = await gateway.app.inject('/metrics');
    expect(body).toContain('http_requests_total{method="GET",path="/api/v1/workflows/:id/status",status="404"} 1');
    expect(body).toContain('http_request_duration_seconds_count{method="POST",path="/api/v1/workflows/:id/execute"} 1');
    expect(body).toContain('workflow_routing_latency_seconds_count{operation="ExecuteWorkflow"} 1');
    expect(body).toContain('path="unmatched"');
    expect(body).not.toContain('some-id');
  });

  test('the OpenAPI document lists exactly the routes that are served', async () => {
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
    const served = gateway.routes.list().filter((route) => !route.startsWith('HEAD ') && !/\/api\/(docs|openapi)/.test(route));
    expect([...documented].sort()).toEqual([...new Set(served)].sort());
  });

  test('the OpenAPI document carries the validators', async () => {
    const document = (await gateway.app.inject('/api/openapi.json')).json();
    const create = document.paths['/api/v1/workflows'].post;
    expect(document.openapi).toBe('3.1.0');
    expect(create.requestBody.content['application/json'].schema.properties.id.pattern).toContain('A-Za-z0-9');
    expect(create.responses['409'].content['application/json'].schema.$ref).toBe('#/components/schemas/Error');
    expect(create.parameters.map((parameter: { name: string }) => parameter.name)).toEqual(['validate', 'Idempotency-Key']);
    const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('the documentation needs no other host', async () => {
    const page = await gateway.app.inject('/api/docs');
    expect(page.headers['content-type']).toContain('text/html');
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(links).toHaveLength(3);
    for (const link of links) expect((await gateway.app.inject(link)).statusCode).toBe(200);
  });

  test('version', async () => {
    expect((await gateway.app.inject('/api/v1/version')).json()).toMatchObject({ name: 'millrace', version: '0.1.0' });
  });
});

describe('cluster', () => {
  test('shards are live, and a partition that its owner does not know of yet is about to recover', async () => {
    const body = (await gateway.app.inject('/api/v1/cluster/shards')).json();
    expect(body).toMatchObject({ entityType: 'Workflow', totalShards: 8, activeShards: 7 });
    expect(body.shards[0]).toMatchObject({ shardId: 0, location: '127.0.0.1:7001', state: 'active', lag: 2, epoch: '7.ab' });
    expect(body.shards[7]).toMatchObject({ shardId: 7, state: 'recovering', reason: 'it has just been assigned', lag: null });
  });

  test('stats name members and totals', async () => {
    gateway.readModel.workflowCounts = async () => new Map([[0, { workflows: 2, executions: 5, unfinished: 1 }]]);
    const body = (await gateway.app.inject('/api/v1/cluster/stats')).json();
    expect(body).toMatchObject({ nodeCount: 1, leader: '127.0.0.1:7001', selfRoles: ['gateway'] });
    expect(body.members[0]).toMatchObject({ status: 'Up', executionsRunning: 7, stageSlots: { total: 4 } });
    expect(body.sharding).toEqual({ totalShards: 8, activeShards: 7, totalEntities: 2, executionCount: 5 });
  });

  test('location follows from the id', async () => {
    const body = (await gateway.app.inject('/api/v1/cluster/workflow/w1/location')).json();
    expect(body).toEqual({ workflowId: 'w1', shardId: expect.any(Number), nodeAddress: '127.0.0.1:7001', instance: 'engine-1' });
    gateway.cluster.engine = undefined;
    expect((await gateway.app.inject('/api/v1/cluster/workflow/w1/location')).statusCode).toBe(503);
    gateway.cluster.kafkaTrouble = 'no broker answers';
    expect((await gateway.app.inject('/api/v1/cluster/stats')).json().code).toBe('KAFKA_UNAVAILABLE');
  });
});
