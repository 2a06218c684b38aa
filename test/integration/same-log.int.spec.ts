import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chain, node } from '../cluster/chain.js';
import type { Client } from '../cluster/client.js';
import { PlainKafka } from '../cluster/plain-kafka.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

const workflows = '/api/v1/workflows';
const stored = ['checkpoints', 'snapshots', 'decided_commands'];
const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
let scenario: Scenario;
let client: Client;
let kafka: PlainKafka;
let postgres: pg.Client;
let engines = 1;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 1, partitions: 4, environment: { MILLRACE_PASSIVATE_AFTER_MS: '200' } });
  client = scenario.client;
  kafka = await PlainKafka.connect(scenario.cluster.kafka.brokers);
  postgres = new pg.Client(scenario.cluster.postgres.url);
  await postgres.connect();
  for (const id of ids) await scenario.create(chain(id, node('say', 'flow.set', { values: { fine: 'true' } })));
});
afterAll(async () => {
  await kafka?.close();
  await postgres?.end();
  await scenario?.stop();
});

/** Executes every workflow a few times and returns what was acknowledged. */
async function work(): Promise<{ workflowId: string; executionId: string }[]> {
  const started = [];
  for (let round = 0; round < 5; round += 1)
    for (const workflowId of ids) started.push({ workflowId, executionId: await client.execute(workflowId) });
  for (const { workflowId, executionId } of started) await client.reaches(workflowId, executionId, ['completed']);
  return started;
}

const stopEngine = () => scenario.cluster.engines.at(-1)?.stop();

/** A new engine; resolves with its name when the group has given it the partitions. */
async function startEngine(): Promise<string> {
  engines += 1;
  const name = `engine-${engines}`;
  const engine = await scenario.cluster.addEngine(name);
  await engine.ready();
  return name;
}

type Shard = { shardId: number; state: string; reason?: string };

/** The shards once all have got as far as `states`. */
function shardsOnce(...states: string[]): Promise<Shard[]> {
  return until(`all shards are ${states.join(' or ')}`, async () => {
    const shards = ((await client.get('/api/v1/cluster/shards')).body.shards ?? []) as Shard[];
    return shards.length > 0 && shards.every(({ state }) => states.includes(state)) ? shards : undefined;
  });
}

/** The shard once the engine of this name has recovered it, or has halted. */
async function shardOnceSeen(partition: number, name: string): Promise<Shard | undefined> {
  await until(
    'the engine has looked at the partition',
    () =>
      scenario.logged(name).some((line) => line.partition === partition && /halted|recovery/.test(`${line.msg} ${line.event}`)) ||
      undefined,
  );
  return (await shardsOnce('active', 'halted')).find(({ shardId }) => shardId === partition);
}

async function shardsOnceActive(name: string): Promise<void> {
  await until('the engine is ready', () => scenario.logged(name).some(({ event }) => event === 'recovery.completed') || undefined);
  await shardsOnce('active');
}

async function finished(workflowId: string): Promise<{ executionId: string }> {
  const executionId = await client.execute(workflowId);
  await client.reaches(workflowId, executionId, ['completed']);
  return { executionId };
}

async function copyTables(from: string, to: string): Promise<void> {
  await postgres.query(`create schema if not exists ${to}`);
  for (const table of stored) {
    await postgres.query(`create table if not exists ${to}.${table} (like ${from}.${table} including all)`);
    await postgres.query(`delete from ${to}.${table}`);
    await postgres.query(`insert into ${to}.${table} select * from ${from}.${table}`);
  }
}

async function deleteTopics(...topics: string[]): Promise<void> {
  await kafka.admin.deleteTopics({ topics });
  await until('the topics are gone', async () => {
    const left = await kafka.admin.listTopics();
    return topics.some((topic) => left.includes(topic)) ? undefined : true;
  });
}

async function partitionsInUse(): Promise<Set<number>> {
  return new Set(await Promise.all(ids.map(async (id) => (await scenario.location(id)).partition)));
}

test('an older Postgres that was put back loses nothing: the log fills it up', async () => {
  await work();
  await stopEngine();
  await copyTables('millrace', 'saved');
  await startEngine();
  const later = await work();
  await stopEngine();
  await copyTables('saved', 'millrace');
  const name = await startEngine();
  await shardsOnce('active');
  for (const { workflowId, executionId } of later) {
    const answer = await client.get(`${workflows}/${workflowId}/executions/${executionId}`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(answer.headers.get('x-read-from')).toBe('owner');
  }
  const recoveries = scenario.logged(name).filter(({ event }) => event === 'recovery.completed');
  expect(recoveries.reduce((sum, line) => sum + Number(line.recordsRead), 0)).toBeGreaterThan(later.length * 3); // from the older checkpoint on
  expect((await scenario.readLog()).violations).toEqual([]);
  await work();
});

test('a commands topic shorter than remembered halts its partitions with that reason, and nobody is told "done"', async () => {
  const used = await partitionsInUse();
  const [before] = await work();
  await stopEngine();
  await deleteTopics('workflow.commands');
  const name = await startEngine();
  const shards = await shardsOnce('active', 'halted');
  for (const { shardId, state, reason } of shards) {
    expect(state).toBe(used.has(shardId) ? 'halted' : 'active');
    if (used.has(shardId)) expect(reason).toMatch(/COMMAND_POSITION_OUT_OF_RANGE|next command would be at \d+, but the topic holds 0 to 0/);
  }
  const halts = scenario.logged(name).filter(({ msg }) => String(msg).includes('halted'));
  expect(new Set(halts.map(({ partition }) => partition))).toEqual(used);
  for (const { reason } of halts) expect(reason).toMatch(/recreated, truncated or has expired/);
  const refused = await client.post(`${workflows}/a/execute`);
  const named = expect.stringContaining('COMMAND_POSITION_OUT_OF_RANGE');
  expect(refused).toMatchObject({ status: 503, body: { code: 'OWNER_UNAVAILABLE', message: named } });
  expect(refused.ms).toBeLessThan(1_000);
  const read = await client.get(`${workflows}/a/executions/${before?.executionId}`);
  expect(read).toMatchObject({ status: 200, body: { status: 'completed' } });
  expect(read.headers.get('x-read-from')).toBe('read-model');
  const unknown = await client.get(`${workflows}/a/executions/unheard-of`);
  // a halted owner cannot say "not found"
  expect(unknown).toMatchObject({ status: 503, body: { message: expect.stringContaining('COMMAND_POSITION_OUT_OF_RANGE') } });
});

test('recreated topics: the store is void, rebuilt loudly from the empty log, and work begins anew', async () => {
  const used = await partitionsInUse();
  await stopEngine();
  await deleteTopics('workflow.commands', 'workflow.events');
  const name = await startEngine();
  await shardsOnce('active');
  const rebuilds = scenario.logged(name).filter(({ event }) => event === 'partition.rebuild');
  const rebuilt = new Set(rebuilds.map(({ partition }) => partition));
  for (const partition of used) expect(rebuilt).toContain(partition);
  for (const { msg, level } of rebuilds) {
    expect(String(msg)).toMatch(/rebuilding from the log's start: .* is not in the log/);
    expect(String(level)).toMatch(/error|50/);
  }
  expect(await client.get(`${workflows}/a/status`)).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
  await until(
    'the lists follow the new log',
    async () => (Object.keys((await client.get(workflows)).body).length === 0 ? true : undefined),
    20_000,
  );
  for (const id of ids) await scenario.create(chain(id, node('say', 'flow.set', { values: { fine: 'true' } })));
  await work();
  expect((await scenario.readLog()).violations).toEqual([]);
});

test('a recreated commands topic that has outgrown the remembered position halts by name too', async () => {
  await stopEngine();
  await deleteTopics('workflow.commands');
  await startEngine();
  await shardsOnce('active', 'halted');
  for (let i = 0; i < 80; i += 1) {
    const taken = await client.post(`${workflows}/a/execute`, {}, { prefer: 'respond-async' });
    expect(taken.status).toBe(202);
  }
  const { partition } = await scenario.location('a');
  for (const _start of ['the first', 'a restart, which must not make it whole', 'another']) {
    await stopEngine();
    const shard = await shardOnceSeen(partition, await startEngine());
    expect(shard).toMatchObject({
      state: 'halted',
      reason: expect.stringMatching(
        /^COMMANDS_REPLACED: the command at \d+ counts as decided but was written at .*: the topic was recreated/,
      ),
    });
  }
});

test('an event log recreated under commands that are kept halts: their effects would be repeated', async () => {
  await stopEngine();
  await deleteTopics('workflow.commands', 'workflow.events');
  await shardsOnceActive(await startEngine());
  await scenario.create(chain('a', node('say', 'flow.set', { values: { fine: 'true' } })));
  const { executionId } = await finished('a');
  const { partition } = await scenario.location('a');
  await stopEngine();
  await deleteTopics('workflow.events');
  for (const _start of ['the first', 'a restart']) {
    const name = await startEngine();
    const shard = await shardOnceSeen(partition, name);
    expect(shard).toMatchObject({ state: 'halted', reason: expect.stringMatching(/^EVENTS_REPLACED: .* they would be executed again/) });
    await stopEngine();
  }
  expect((await scenario.readLog()).outcome(executionId)).toBeUndefined(); // not decided again
});
