import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '#core';
import { type OwnerAnswer, type OwnerQueryRequest, partitionOf } from '#protocol';
import { startTestApp, type TestApp } from './testing/test-app.js';

let gateway: TestApp;
beforeAll(async () => {
  gateway = await startTestApp();
});
afterAll(() => gateway.app.close());

/** Another workflow for every test: what one has taught the gateway, the others do not know. */
let w = '';
let count = 0;
let home = 0;
beforeEach(() => {
  w = `spread-${++count}`;
  home = partitionOf(w, 8);
  gateway.cluster.spread.clear();
  gateway.cluster.sent.length = 0;
  gateway.cluster.asked.length = 0;
  gateway.cluster.decide = () => ({ ok: true, result: { executionId: 'e', status: 'started' } });
});

/** An execution id of another partition than home. */
const away = () => {
  for (let i = 0; ; i += 1) if (partitionOf(`e${i}`, 8) !== home) return `e${i}`;
};
const found = (view: JsonObject): OwnerAnswer => ({ status: 'found', view, instance: 'e', epoch: '1.a' });
const execute = (payload: object = {}) => gateway.app.inject({ method: 'POST', url: `/api/v1/workflows/${w}/execute`, payload });

/** Owners of a spread workflow: home and shards count, and each knows its own executions. */
function owners({ partition, query }: OwnerQueryRequest): OwnerAnswer {
  if (query.kind === 'workflow') return found({ definition: { sharding: { strategy: 'execution' } }, version: 1 });
  if (query.kind === 'workflowStatus') {
    const running = partition === home ? 0 : 1;
    const sharding = partition === home ? { sharding: 'execution' } : {};
    return found({ workflowId: w, state: 'idle', executionCount: 2, running, currentExecution: null, lastExecution: null, ...sharding });
  }
  if (partition === home) return { status: 'elsewhere', partition: partitionOf(query.executionId, 8), isHome: false };
  return found({ executionId: query.executionId, status: 'completed', output: partition });
}

describe('commands about executions', () => {
  test('go home until a reply says that they are spread, and then to the partition of the execution', async () => {
    gateway.cluster.spread.add(w);
    await execute({ executionId: away() });
    await execute({ executionId: away() });
    await gateway.app.inject({ method: 'POST', url: `/api/v1/workflows/${w}/executions/${away()}/cancel` });
    expect(gateway.cluster.sent.map(({ key, partition }) => [key, partition])).toEqual([
      [w, home],
      [away(), partitionOf(away(), 8)],
      [away(), partitionOf(away(), 8)],
    ]);
  });

  test('carry the id that an execution without one will have', async () => {
    gateway.cluster.spread.add(w);
    await execute();
    await execute();
    const [first, second] = gateway.cluster.sent;
    expect(first?.key).toBe(w);
    expect(second?.key).toMatch(/^x[a-z2-7]{26}$/); // FakeCluster parses it as an engine does
    expect(second?.partition).toBe(partitionOf(second?.key ?? '', 8));
  });

  test('go home again where a hint was wrong', async () => {
    gateway.cluster.spread.add(w);
    await execute({ executionId: away() });
    gateway.cluster.spread.clear();
    gateway.cluster.decide = () => ({ code: 'WORKFLOW_NOT_FOUND', message: 'no such workflow' });
    await execute({ executionId: away() });
    await execute({ executionId: away() });
    expect(gateway.cluster.sent.map(({ key }) => key)).toEqual([w, away(), w]);
  });

  test.each(['', '/status'])('go to the partition of the execution once its workflow has been read (%s)', async (path) => {
    gateway.cluster.query = owners;
    await gateway.app.inject(`/api/v1/workflows/${w}${path}`);
    await execute({ executionId: away() });
    expect(gateway.cluster.sent[0]).toMatchObject({ key: away(), partition: partitionOf(away(), 8) });
  });

  test('about the workflow itself always go home', async () => {
    gateway.cluster.spread.add(w);
    gateway.cluster.query = owners;
    await execute({ executionId: away() });
    await gateway.app.inject({ method: 'PUT', url: `/api/v1/workflows/${w}`, payload: { name: 'W' } });
    expect(gateway.cluster.sent.at(-1)).toMatchObject({ key: w, partition: home });
  });
});

describe('reads', () => {
  const detail = () => gateway.app.inject(`/api/v1/workflows/${w}/executions/${away()}`);

  test('of an execution are answered where home says it lives, and from then on asked there first', async () => {
    gateway.cluster.query = owners;
    expect((await detail()).json()).toMatchObject({ status: 'completed', output: partitionOf(away(), 8) });
    expect((await detail()).statusCode).toBe(200);
    const there = partitionOf(away(), 8);
    expect(gateway.cluster.asked.map(({ request }) => request.partition)).toEqual([home, there, there]);
    expect(gateway.cluster.asked[1]?.request.query).toMatchObject({ routed: true });
    expect(gateway.cluster.asked[2]?.request.query).not.toHaveProperty('routed');
  });

  test('come back from a partition that was guessed, and are a 404 once home has named it', async () => {
    gateway.cluster.query = owners;
    await detail();
    gateway.cluster.query = ({ partition, query }) => {
      if (partition === home) return { status: 'elsewhere', partition: partitionOf(away(), 8), isHome: false };
      return 'routed' in query ? { status: 'notFound' } : { status: 'elsewhere', partition: home, isHome: true };
    };
    const response = await detail();
    expect(response.statusCode).toBe(404);
    expect(response.json().code).toBe('EXECUTION_NOT_FOUND');
  });

  test('of the status add up what every partition counts', async () => {
    gateway.cluster.query = owners;
    const response = await gateway.app.inject(`/api/v1/workflows/${w}/status`);
    expect(response.json()).toMatchObject({ workflowId: w, state: 'running', executionCount: 16, running: 7 });
    expect(response.headers['x-read-from']).toBe('owner');
  });

  test('of the status come from the read model, marked, while a shard is away', async () => {
    gateway.cluster.query = (request) => (request.partition === home ? owners(request) : 'silence');
    gateway.readModel.workflowStatus = async () => ({ workflowId: w, state: 'running' });
    const response = await gateway.app.inject(`/api/v1/workflows/${w}/status`);
    expect(response.json()).toMatchObject({ state: 'running' });
    expect(response.headers['x-read-from']).toBe('read-model');
  });

  test('of a location name the partition of an execution', async () => {
    gateway.cluster.query = owners;
    const location = async (query = '') => (await gateway.app.inject(`/api/v1/cluster/workflow/${w}/location${query}`)).json();
    expect(await location()).toMatchObject({ workflowId: w, shardId: home });
    expect(await location(`?executionId=${away()}`)).toMatchObject({ executionId: away(), shardId: partitionOf(away(), 8) });
    gateway.cluster.query = () => found({ definition: {}, version: 1 });
    expect(await location(`?executionId=${away()}`)).toMatchObject({ shardId: home });
  });
});

describe('delete', () => {
  const remove = (query = '') => gateway.app.inject({ method: 'DELETE', url: `/api/v1/workflows/${w}${query}` });

  test('tells its owner what runs on the other partitions, so that a refusal is on record', async () => {
    gateway.cluster.query = owners;
    gateway.cluster.decide = () => ({ code: 'WORKFLOW_HAS_RUNNING_EXECUTIONS', message: 'seven', details: { runningCount: 7 } });
    expect((await remove()).statusCode).toBe(409);
    expect(gateway.cluster.commands.at(-1)).toMatchObject({ type: 'DeleteWorkflow', data: {}, runningElsewhere: 7 });
  });

  test('by force, or with leave for what runs to end, asks nobody', async () => {
    expect((await remove('?force=true')).statusCode).toBe(200);
    expect((await remove('?drain=true')).statusCode).toBe(200);
    expect(gateway.cluster.commands.slice(-2).map(({ data }) => data)).toEqual([{ force: true }, { drain: true }]);
    expect(gateway.cluster.asked).toEqual([]);
  });

  test('is not tried while a partition cannot say', async () => {
    gateway.cluster.query = (request) => (request.partition === home ? owners(request) : 'silence');
    expect((await remove()).statusCode).toBe(408);
    expect(gateway.cluster.sent).toEqual([]);
  });

  test('of a workflow that is not spread, or not there any more, is left to its owner', async () => {
    for (const answer of [{ status: 'notFound' } as const, found({ running: 3 })]) {
      gateway.cluster.query = () => answer;
      expect((await remove()).statusCode).toBe(200);
      expect(gateway.cluster.commands.at(-1)).toMatchObject({ type: 'DeleteWorkflow', data: {} });
      expect(gateway.cluster.commands.at(-1)).not.toHaveProperty('runningElsewhere');
    }
  });
});
