import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from './scenario.js';
import { until } from './until.js';

const endStalledAfterMs = 4_000;
let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 1, environment: { MILLRACE_END_STALLED_AFTER_MS: String(endStalledAfterMs) } });
}, 120_000);
afterAll(() => scenario?.stop());

/** A task of a user's own that blocks the engine's loop in its first attempt. */
async function blocked(ms: number): Promise<{ id: string; executionId: string; since: number }> {
  const id = `blocked-${ms}`;
  await scenario.create({ id, nodes: [{ id: 'b', nodeType: 'test.block', config: { ms } }], edges: [] });
  const since = Date.now();
  const response = await scenario.post(`/api/v1/workflows/${id}/execute`, { executionId: id }, { prefer: 'respond-async' });
  expect(response.status).toBe(202); // the owner's answer may be stuck in its loop
  return { id, executionId: id, since };
}

const statusOf = async (id: string, executionId: string) =>
  (await scenario.client.get(`/api/v1/workflows/${id}/executions/${executionId}`)).body.status;

test('an engine whose main loop stands for a while goes on by itself', async () => {
  const { id, executionId } = await blocked(endStalledAfterMs / 2);
  await until('the execution completes', async () => ((await statusOf(id, executionId)) === 'completed' ? true : undefined), 20_000);
  expect(scenario.cluster.engines[0]?.running).toBe(true);
});

test('an engine whose main loop never turns again ends itself by SIGKILL after a log line, and a supervisor can go on', async () => {
  const engine = scenario.cluster.engines[0];
  const { id, executionId, since } = await blocked(3_600_000);
  await engine?.exited;
  expect(Date.now() - since).toBeGreaterThanOrEqual(endStalledAfterMs - 500);
  expect(Date.now() - since).toBeLessThan(endStalledAfterMs + 3_000);
  expect([engine?.running, engine?.exitCode]).toEqual([false, null]); // by a signal
  expect(scenario.logged('engine-1').at(-1)).toMatchObject({
    level: 'fatal',
    event: 'process.failed',
    app: 'engine',
    instance: 'engine-1',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    msg: expect.stringMatching(/^the main loop has not turned for \d+ ms: the process ends$/),
  });
  const replacement = await scenario.cluster.addEngine('engine-2');
  await replacement.ready();
  await until(
    'the execution completes elsewhere',
    async () => ((await statusOf(id, executionId)) === 'completed' ? true : undefined),
    30_000,
  );
}, 90_000);
