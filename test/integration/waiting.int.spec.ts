import { afterAll, beforeAll, expect, test } from 'vitest';
import { chain, node } from '../cluster/chain.js';
import type { Client } from '../cluster/client.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

const waiting = 2_000;
const sleeping = 60;
const workflows = Array.from({ length: 16 }, (_, i) => `patient-${i}`);
let scenario: Scenario;
let client: Client;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 2, partitions: 8, environment: { MILLRACE_PASSIVATE_AFTER_MS: '500' } });
  client = scenario.client;
  const signal = node('wait', 'flow.signal', { name: 'go' });
  for (const id of workflows) await scenario.create(chain(id, signal, node('say', 'flow.set', { values: { got: 'nodes.wait.output' } })));
  await scenario.create(chain('sleeper', node('nap', 'flow.delay', { until: 'input.until' })));
});
afterAll(() => scenario?.stop());

/** Works a list off, 32 at a time. */
async function inParallel<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as In);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return results;
}

/** Entities in memory and partitions by owner, over all live shards; undefined while any has no active owner. */
async function shards(): Promise<{ hot: number; owners: Set<string> } | undefined> {
  const { body } = await client.get('/api/v1/cluster/shards');
  const rows = (body.shards ?? []) as { instance: string; state: string; hotEntities: number | null }[];
  if (rows.some(({ state }) => state !== 'active')) return undefined;
  return { hot: rows.reduce((sum, row) => sum + (row.hotEntities ?? 0), 0), owners: new Set(rows.map(({ instance }) => instance)) };
}

test('thousands of waiting executions leave memory, survive the kill of their owner, and go on', async () => {
  const started = await inParallel([...Array(waiting).keys()], async (i) => {
    const workflowId = workflows[i % workflows.length] ?? '';
    return { workflowId, executionId: await client.execute(workflowId) };
  });
  const due = Date.now() + 18_000; // after the take-over, however long the starts above took
  const sleepers = await inParallel([...Array(sleeping).keys()], () => client.execute('sleeper', { input: { until: due } }));
  const resting = await until('they are passivated', async () => {
    const seen = await shards();
    return seen && seen.hot < waiting / 20 ? seen : undefined;
  });
  expect(resting.owners.size).toBe(2);

  const killedAt = Date.now();
  await scenario.cluster.engines[0]?.kill();
  await until('the other engine owns everything', async () => ((await shards())?.owners.size === 1 ? true : undefined), 20_000);
  const recoveries = scenario
    .logged('engine-2')
    .filter((line) => line.event === 'recovery.completed' && Date.parse(String(line.time)) > killedAt);
  const durations = recoveries.map((line) => Number(line.durationMs));
  process.stdout.write(`kill to all active ${Date.now() - killedAt} ms; recoveries took ${durations.join(', ')} ms\n`);
  expect(durations.length).toBeGreaterThan(0);
  expect(Math.max(...durations)).toBeLessThan(2_000);

  const some = await client.detail(started[0]?.workflowId ?? '', started[0]?.executionId ?? '');
  expect(some).toMatchObject({ status: 'waiting', waitingFor: { kind: 'signal' } });
  const asleep = await client.detail('sleeper', sleepers[0] ?? '');
  expect(asleep).toMatchObject({ status: 'waiting', waitingFor: { kind: 'timer' } }); // so it is the new owner that wakes it
  const signals = await inParallel(started, ({ workflowId, executionId }) =>
    client.post(`/api/v1/workflows/${workflowId}/executions/${executionId}/signal/go`, { id: executionId }),
  );
  expect(signals.filter(({ status }) => status !== 200)).toEqual([]);
  const ends = await inParallel(started, ({ workflowId, executionId }) => client.reaches(workflowId, executionId, ['completed'], 30_000));
  expect(ends.map(({ output }) => output)).toEqual(started.map(({ executionId }) => ({ got: { id: executionId } })));

  const woken = await inParallel(sleepers, (executionId) => client.reaches('sleeper', executionId, ['completed'], 40_000));
  const late = woken.map(({ endTime }) => Date.parse(String(endTime)) - due);
  process.stdout.write(`timers fired ${Math.min(...late)} to ${Math.max(...late)} ms after they were due\n`);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThan(2_000);
});
