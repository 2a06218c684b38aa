import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../cluster/client.js';
import { PlainKafka } from '../cluster/plain-kafka.js';
import { effectPipeline, Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

let scenario: Scenario;
let kafka: PlainKafka;
let engines = 1;
let shard = -1;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 1, partitions: 2 });
  kafka = await PlainKafka.connect(scenario.cluster.kafka.brokers);
  await scenario.create(effectPipeline('a', 1, 1));
  shard = (await scenario.location('a')).partition;
});
afterAll(async () => {
  await kafka?.close();
  await scenario?.stop();
});

const engine = () => scenario.cluster.engines.at(-1);

async function startEngine(): Promise<void> {
  engines += 1;
  const next = await scenario.cluster.addEngine(`engine-${engines}`);
  await next.ready();
}

async function restart(): Promise<void> {
  await engine()?.stop();
  await startEngine();
}

/** How the partition of the workflow stands, once its present engine has got anywhere with it. */
function standing(): Promise<{ state: string; reason?: string }> {
  const current = `engine-${engines}`;
  return until('the partition is active or halted', async () => {
    const { body } = await scenario.client.get('/api/v1/cluster/shards');
    const found = ((body.shards ?? []) as { shardId: number; instance: string; state: string; reason?: string }[])[shard];
    return found?.instance === current && ['active', 'halted'].includes(found.state) ? found : undefined;
  });
}

async function recreate(...topics: string[]): Promise<void> {
  await engine()?.stop();
  await kafka.admin.deleteTopics({ topics });
  await until('the topics are gone', async () => {
    const left = await kafka.admin.listTopics();
    return topics.some((topic) => left.includes(topic)) ? undefined : true;
  });
  await startEngine();
}

async function produce(count: number, prefix: string): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const command = { commandId: `${prefix}-${i}`, type: 'ExecuteWorkflow', workflowId: 'a', data: { executionId: `${prefix}-${i}` } };
    await kafka.send('workflow.commands', { key: 'a', value: JSON.stringify(command) });
  }
}

const accept = (body: unknown, id = shard): Promise<Answer> => scenario.client.post(`/api/v1/cluster/shards/${id}/accept`, body);

/** Effects by execution; each must have happened once. */
async function effectsOnce(count: number): Promise<void> {
  await until(`${count} effects`, () => (scenario.effects('done').length >= count ? true : undefined), 30_000);
  const started = scenario.effects('start').map((line) => line.split(' ')[1]);
  expect(new Set(started).size).toBe(started.length);
  expect(started).toHaveLength(count);
}

async function runOne(): Promise<void> {
  const detail = await scenario.client.run('a');
  expect(detail.status).toBe('completed');
}

test('a replaced commands topic stands still until it is accepted; then its commands run, once, and no restart asks again', async () => {
  for (let i = 0; i < 3; i += 1) await runOne();
  await recreate('workflow.commands');
  expect(await standing()).toMatchObject({ state: 'halted', reason: expect.stringMatching(/^COMMAND_POSITION_OUT_OF_RANGE: /) });
  await produce(20, 'new');
  await restart();
  expect(await standing()).toMatchObject({ state: 'halted', reason: expect.stringMatching(/^COMMANDS_REPLACED: /) });
  await effectsOnce(3);

  const otherHalt = await accept({ code: 'EVENTS_REPLACED', from: 'earliest' });
  expect(otherHalt).toMatchObject({
    status: 409,
    body: { code: 'HALT_MISMATCH', details: { code: 'COMMANDS_REPLACED', state: 'halted' } },
  });
  const outside = await accept({ code: 'COMMANDS_REPLACED', from: 1_000 });
  expect(outside).toMatchObject({ status: 409, body: { message: expect.stringContaining('the topic holds 0 to 20') } });
  expect(await accept({ code: 'COMMANDS_REPLACED', from: 'earliest' }, 99)).toMatchObject({ status: 404 });
  expect(await standing()).toMatchObject({ state: 'halted', reason: expect.stringMatching(/^COMMANDS_REPLACED: /) });

  const accepted = await accept({ code: 'COMMANDS_REPLACED', from: 'earliest' });
  expect(accepted).toMatchObject({ status: 200, body: { shardId: shard, from: 0, state: 'active' } });
  await effectsOnce(23);
  expect(await accept({ code: 'COMMANDS_REPLACED', from: 'earliest' })).toMatchObject({ status: 200, body: { from: 0, state: 'active' } });
  expect(await accept({ code: 'COMMANDS_REPLACED', from: 'latest' })).toMatchObject({ status: 409 });
  await restart();
  expect(await standing()).toMatchObject({ state: 'active' });
  await runOne();
  await effectsOnce(24);
  expect((await scenario.readLog()).violations).toEqual([]);
});

test('a commands topic replaced under a living owner stands still before anything of it is taken', async () => {
  const before = scenario.effects('start').length;
  const topic = 'workflow.commands';
  await kafka.admin.deleteTopics({ topics: [topic] });
  await until('the topic is gone', async () => ((await kafka.admin.listTopics()).includes(topic) ? undefined : true));
  const configEntries = [
    { name: 'message.timestamp.type', value: 'LogAppendTime' },
    { name: 'max.message.bytes', value: '2097152' },
  ];
  await kafka.admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1, configEntries }], waitForLeaders: true });
  await produce(60, 'under');
  const { reason = '' } = await until('it stands still', async () => {
    const found = await standing();
    return found.state === 'halted' ? found : undefined;
  });
  await effectsOnce(before);
  const code = reason.slice(0, reason.indexOf(':'));
  expect(['COMMANDS_REPLACED', 'COMMAND_POSITION_OUT_OF_RANGE']).toContain(code);
  await restart();
  expect((await standing()).reason).toMatch(/^COMMANDS_REPLACED: /);
  expect(await accept({ code: 'COMMANDS_REPLACED', from: 'earliest' })).toMatchObject({ status: 200, body: { from: 0 } });
  await effectsOnce(before + 60);
});

test('an engine that is killed while it accepts leaves the halt or the fact, nothing between', async () => {
  for (const killAfterMs of [10, 60]) {
    await recreate('workflow.commands');
    expect(await standing()).toMatchObject({ state: 'halted' });
    const answer = accept({ code: 'COMMAND_POSITION_OUT_OF_RANGE', from: 'latest' });
    const since = performance.now();
    await until('it is time', () => (performance.now() - since >= killAfterMs ? true : undefined));
    await engine()?.kill();
    const { status } = await answer;
    await startEngine();
    const after = await standing();
    if (status === 200) expect(after.state).toBe('active'); // what was answered is a fact
    if (after.state === 'halted') {
      expect(after.reason).toMatch(/^COMMAND_POSITION_OUT_OF_RANGE: /);
      expect(await accept({ code: 'COMMAND_POSITION_OUT_OF_RANGE', from: 'latest' })).toMatchObject({ status: 200, body: { from: 0 } });
    }
    const before = scenario.effects('start').length;
    await runOne();
    await effectsOnce(before + 1);
  }
});

test('a lost event log stands still rather than repeat effects; accepted from the end it begins anew', async () => {
  const before = scenario.effects('start').length;
  await recreate('workflow.events');
  for (let start = 0; start < 2; start += 1) {
    expect(await standing()).toMatchObject({ state: 'halted', reason: expect.stringMatching(/^EVENTS_REPLACED: /) });
    await restart();
  }
  await standing();
  await effectsOnce(before);
  expect(await accept({ code: 'EVENTS_REPLACED', from: 'latest' })).toMatchObject({ status: 200, body: { state: 'active' } });
  expect(await scenario.client.get('/api/v1/workflows/a/status')).toMatchObject({ status: 404 });
  await scenario.create(effectPipeline('a', 1, 1));
  await runOne();
  await restart();
  expect(await standing()).toMatchObject({ state: 'active' });
  await runOne();
  await effectsOnce(before + 2);
  expect((await scenario.readLog()).violations).toEqual([]);
});
