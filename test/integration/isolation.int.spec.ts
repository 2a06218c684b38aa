import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chain, node } from '../cluster/chain.js';
import type { Answer, Client } from '../cluster/client.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

const workflows = '/api/v1/workflows';
const maxQueued = 5;
const maxExecutions = 20;
const slots = 2;
/** So long an owner asks the store about every command, which may have been decided before its fence by other clocks: four times the skew of 1 s, and some. */
const ownMemoryFromMs = 5_000;
let activeAt: number;
let scenario: Scenario;
let client: Client;

beforeAll(async () => {
  scenario = await Scenario.start({
    engines: 1,
    partitions: 4,
    environment: {
      MILLRACE_STAGE_CONCURRENCY: String(slots),
      MILLRACE_MAX_QUEUED_PER_WORKFLOW: String(maxQueued),
      MILLRACE_MAX_EXECUTIONS_PER_WORKFLOW: String(maxExecutions),
      MILLRACE_PASSIVATE_AFTER_MS: '2000',
    },
  });
  client = scenario.client;
  activeAt = performance.now();
});
afterAll(() => scenario?.stop());

const execute = (workflowId: string, key?: string): Promise<Answer> =>
  client.post(`${workflows}/${workflowId}/execute`, {}, key === undefined ? {} : { 'idempotency-key': key });

/** Executes until one is refused; those that were taken. */
async function fill(workflowId: string): Promise<{ taken: string[]; refusal: Answer }> {
  const taken: string[] = [];
  for (let i = 0; i < 3 * maxExecutions; i += 1) {
    const answer = await execute(workflowId, `${workflowId}-${i}`);
    if (answer.status !== 200) return { taken, refusal: answer };
    taken.push(String(answer.body.executionId));
  }
  throw new Error(`${workflowId} took ${taken.length} executions and refused none`);
}

const cancelAll = (workflowId: string) => client.send('DELETE', `${workflows}/${workflowId}?force=true`);

async function idsByPartition(name: string): Promise<{ near: string; far: string; home: string }> {
  const home = await scenario.location(`${name}-home`);
  const others = await Promise.all(
    Array.from({ length: 24 }, async (_, i) => ({ id: `${name}-${i}`, partition: (await scenario.location(`${name}-${i}`)).partition })),
  );
  const near = others.find(({ partition }) => partition === home.partition)?.id ?? '';
  const far = others.find(({ partition }) => partition !== home.partition)?.id ?? '';
  return { near, far, home: `${name}-home` };
}

describe('a workflow whose tasks never end and hold every slot', () => {
  test('keeps no other one waiting, and is refused more than may wait', async () => {
    const { near, far, home } = await idsByPartition('endless');
    await scenario.create(chain(home, node('spin', 'test.spin')));
    for (const id of [near, far]) await scenario.create(chain(id, node('short', 'test.patient', { ms: 1 })));
    const { taken, refusal } = await fill(home);
    expect(taken).toHaveLength(slots + maxQueued);
    expect(refusal).toMatchObject({ status: 429, body: { code: 'RESOURCE_EXHAUSTED', message: expect.stringContaining(home) } });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const id of [near, far, near, far, near])
      expect(await client.run(id, {}, 10_000)).toMatchObject({ status: 'completed', nodes: [{ output: { attempt: 1 } }] });
    for (const executionId of taken.slice(0, 3)) await client.post(`${workflows}/${home}/executions/${executionId}/cancel`);
    const key = `${home}-${taken.length}`; // the very command that was refused
    await until('the refused command is taken', async () => (await execute(home, key)).status === 200 || undefined);
    await cancelAll(home);
  });

  test('has no more unfinished executions than one may have, whatever they wait for', async () => {
    await scenario.create(chain('waiters', node('wait', 'flow.signal', { name: 'go' })));
    const { taken, refusal } = await fill('waiters');
    expect(taken).toHaveLength(maxExecutions);
    expect(refusal).toMatchObject({ status: 429, body: { code: 'RESOURCE_EXHAUSTED' } });
    await cancelAll('waiters');
  });
});

test('a task that lets nobody else run on the loop is named in the log', async () => {
  await scenario.create(chain('blocker', node('block', 'test.blocker', { ms: 400 })));
  await client.run('blocker');
  const named = () => scenario.logged('engine-1').find(({ event }) => event === 'loop.blocked');
  expect(await until('a line of the log', async () => named())).toMatchObject({
    level: 'warn',
    nodeTypes: ['test.blocker'],
    certain: true,
    workflowId: 'blocker',
    nodeId: 'block',
  });
});

test('while the store answers nothing, what is in memory goes on; what is not waits by name and then goes on, too', async () => {
  const hot = chain('hot', node('short', 'test.patient', { ms: 1 }));
  const cold = { ...hot, id: 'cold' };
  for (const definition of [hot, cold]) await scenario.create(definition);
  await client.run('hot');
  await sleep(activeAt + ownMemoryFromMs - performance.now());
  await until('the cold one has left memory', async () => {
    const { body } = await client.get('/api/v1/cluster/shards');
    const entities = (body.shards as { hotEntities: number | null }[]).map(({ hotEntities }) => hotEntities ?? 0);
    return entities.reduce((sum, count) => sum + count, 0) === 0 || undefined;
  });
  const postgres = new pg.Client(scenario.cluster.postgres.url);
  await postgres.connect();
  try {
    await client.run('hot'); // loads it
    await postgres.query('BEGIN; LOCK TABLE millrace.snapshots IN ACCESS EXCLUSIVE MODE');
    const waiting = client.post(`${workflows}/cold/execute`, {}, { 'idempotency-key': 'cold-start' });
    for (let i = 0; i < 5; i += 1) expect((await client.run('hot')).status).toBe('completed');
    await postgres.query('ROLLBACK');
    await waiting;
    await until('the cold one is started', async () => (await execute('cold', 'cold-start')).status === 200 || undefined);
  } finally {
    await postgres.end();
  }
});

test('planned hand-offs, however many, fail no node that takes its time', async () => {
  await scenario.create(chain('patient', node('long', 'test.patient', { ms: 600_000, attempts: 5 })));
  const executionId = await client.execute('patient');
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await until(`attempt ${attempt} runs`, async () => {
      const { nodes } = await client.detail('patient', executionId);
      return (nodes as { attempts: number }[] | undefined)?.[0]?.attempts === attempt || undefined;
    });
    await scenario.cluster.engines.at(-1)?.stop();
    await (await scenario.cluster.addEngine(`engine-${attempt + 1}`)).ready();
  }
  expect(await client.reaches('patient', executionId, ['completed', 'failed'])).toMatchObject({
    status: 'completed',
    nodes: [{ output: { attempt: 5 } }],
  });
});
