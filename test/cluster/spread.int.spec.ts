import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partitionOf } from '#protocol';
import { expectAllCompleted } from './all-completed.js';
import { Load } from './load.js';
import { readTopic } from './log-reader.js';
import { PlainKafka } from './plain-kafka.js';
import { effectPipeline, Scenario } from './scenario.js';
import { until } from './until.js';

const partitions = 8;
const sharding = { strategy: 'execution' };
const everywhere = [...Array(partitions).keys()];

let scenario: Scenario;
let kafka: PlainKafka;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 3, partitions });
  kafka = await PlainKafka.connect(scenario.cluster.kafka.brokers);
  await kafka.follow('workflow.replies');
}, 120_000);
afterAll(async () => {
  await kafka?.close();
  await scenario?.stop();
});

const create = (id: string, definition: { nodes: unknown[]; edges: unknown[] }) => scenario.create({ ...definition, id, ...{ sharding } });
const waiting = { nodes: [{ id: 'wait', nodeType: 'flow.signal', config: { name: 'go' } }], edges: [] };
const status = async (id: string) => (await scenario.client.get(`/api/v1/workflows/${id}/status`)).body;

/** The partition on which each execution of a workflow was started, as the log says. */
async function partitionsOf(workflowId: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [partition, records] of await readTopic(scenario.cluster.kafka.brokers, 'workflow.events')) {
    for (const { headers, value } of records) {
      const fact = headers.type === 'WorkflowStarted' && value !== null ? (JSON.parse(value) as Record<string, string>) : undefined;
      if (fact?.workflowId === workflowId) found.set(String(fact.executionId), partition);
    }
  }
  return found;
}

describe('a workflow whose executions are spread', () => {
  test('runs them on all partitions, each on that of its own id, and counts them all', async () => {
    await create('wide', effectPipeline('wide', 2, 1));
    const ids = await Promise.all(Array.from({ length: 80 }, () => scenario.client.execute('wide')));
    for (const id of ids) await scenario.client.reaches('wide', id, ['completed']);
    const placed = await partitionsOf('wide');
    expect([...placed.keys()].sort()).toEqual([...ids].sort());
    for (const [id, partition] of placed) expect(partition).toBe(partitionOf(id, partitions));
    expect([...new Set(placed.values())].sort()).toEqual(everywhere);
    expect(await status('wide')).toMatchObject({ state: 'completed', executionCount: 80, running: 0, currentExecution: null });
    const listed = await until('the list counts all', async () => {
      const { body } = await scenario.client.get('/api/v1/workflows?q=wide&fields=summary');
      const [item] = body as unknown as { executionCount: number; runningCount: number }[];
      return item?.executionCount === 80 && item.runningCount === 0 ? (body as unknown as object[]) : undefined;
    });
    expect(listed).toMatchObject([{ id: 'wide', state: 'completed' }]);
    const location = await scenario.client.get(`/api/v1/cluster/workflow/wide/location?executionId=${ids[0]}`);
    expect(location.body).toMatchObject({ shardId: placed.get(ids[0] ?? '') });
  });

  test('runs the new version everywhere as soon as a PUT is answered', async () => {
    await create('changing', waiting);
    const put = await scenario.client.put('/api/v1/workflows/changing', { id: 'changing', ...waiting, name: 'two', sharding });
    expect(put.body).toMatchObject({ version: 2 });
    const ids = await Promise.all(Array.from({ length: 40 }, () => scenario.client.execute('changing')));
    for (const id of ids) expect(await scenario.client.detail('changing', id)).toMatchObject({ version: 2, status: 'waiting' });
    const other = await scenario.client.put('/api/v1/workflows/changing', { id: 'changing', ...waiting });
    expect(other).toMatchObject({ status: 409, body: { code: 'WORKFLOW_INVALID', details: [{ code: 'FIXED' }] } });
  });

  test('takes commands of a plain producer, with the key of the execution or of the workflow', async () => {
    const headers = (id: string) => ({ 'reply-topic': 'workflow.replies', 'correlation-id': id });
    const send = (key: string, commandId: string, type: string, data: object) =>
      kafka.send('workflow.commands', {
        key,
        value: JSON.stringify({ commandId, type, workflowId: 'changing', data }),
        headers: headers(commandId),
      });
    for (let i = 0; i < 12; i += 1) {
      const executionId = `plain-${i}`;
      await send(i % 2 === 0 ? executionId : 'changing', `run-${i}`, 'ExecuteWorkflow', { executionId });
      expect(await kafka.reply('workflow.replies', `run-${i}`)).toMatchObject({ ok: true, result: { executionId, version: 2 } });
      await send(i % 2 === 0 ? 'changing' : executionId, `go-${i}`, 'SignalExecution', { executionId, name: 'go', payload: i });
      expect(await kafka.reply('workflow.replies', `go-${i}`)).toMatchObject({ ok: true });
      await scenario.client.reaches('changing', executionId, ['completed']);
    }
  });

  test('is not deleted while any partition runs one, and is deleted everywhere by force', async () => {
    const path = '/api/v1/workflows/changing';
    const refused = await scenario.client.send('DELETE', path);
    expect(refused).toMatchObject({ status: 409, body: { code: 'WORKFLOW_HAS_RUNNING_EXECUTIONS', details: { runningCount: 40 } } });
    const open = [...(await partitionsOf('changing')).keys()].filter((id) => !id.startsWith('plain-'));
    expect((await scenario.client.send('DELETE', `${path}?force=true`)).status).toBe(200);
    expect((await scenario.client.post(`${path}/execute`, {})).status).toBe(404);
    for (const id of open) await scenario.client.reaches('changing', id, ['cancelled']);
  });
});

test('nothing acknowledged is lost and nothing applied twice when the engines of home and of a shard are killed', async () => {
  await create('hardy', effectPipeline('hardy', 3));
  const load = new Load(() => [scenario.cluster.url], ['hardy']).start(12);
  await delay(1_500);
  await killOwner(await ownerOf('/api/v1/cluster/workflow/hardy/location'));
  await delay(1_500);
  // while a home is away and back: changes reach every shard
  expect((await scenario.client.put('/api/v1/workflows/hardy', { ...effectPipeline('hardy', 3), name: 'two', sharding })).status).toBe(200);
  await killOwner(await ownerOf(`/api/v1/cluster/workflow/hardy/location?executionId=${[...load.acknowledged.keys()].at(-1)}`));
  await delay(1_500);
  await load.stop();
  await expectAllCompleted(scenario, load.acknowledged, 50);
  const placed = await partitionsOf('hardy');
  for (const [id, partition] of placed) expect(partition).toBe(partitionOf(id, partitions));
  expect([...new Set(placed.values())].sort()).toEqual(everywhere);
  expect(await status('hardy')).toMatchObject({ executionCount: placed.size, running: 0 });
});

async function ownerOf(path: string): Promise<string> {
  return until(`an owner at ${path}`, async () => {
    const { body } = await scenario.client.get(path);
    return typeof body.instance === 'string' ? body.instance : undefined;
  });
}

/** kill -9, and another engine in its place. */
async function killOwner(instance: string): Promise<void> {
  const engine = scenario.cluster.engines.find((one) => one.instance === instance && one.running);
  if (engine === undefined) throw new Error(`no engine ${instance} runs`);
  await engine.kill();
  const replacement = await scenario.cluster.addEngine(`engine-${scenario.cluster.engines.length + 1}`);
  await replacement.ready();
}
