import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCompleted } from './all-completed.js';
import { Load } from './load.js';
import { effectPipeline, Scenario } from './scenario.js';

let scenario: Scenario;
const workflowIds = Array.from({ length: 6 }, (_, i) => `effects-${i}`);

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 3 });
  for (const id of workflowIds) await scenario.create(effectPipeline(id, 4));
}, 120_000);
afterAll(() => scenario?.stop());

/** Runs load, does harm to it, lets it heal, and checks the whole history with a reader that shares no code with the engine. */
async function underLoad(harm: () => Promise<void>): Promise<void> {
  const load = new Load(() => scenario.cluster.gateways.map((gateway) => gateway.url), workflowIds).start(12);
  await delay(1_500);
  await harm();
  await delay(1_500);
  await load.stop();
  await expectAllCompleted(scenario, load.acknowledged, 50);
}

/** A finished effect counts twice only where its first attempt died with its engine before its outcome was in the log. */
async function expectEffectsExplained(): Promise<void> {
  const log = await scenario.readLog();
  const done = scenario.effects('done').map((line) => line.split(' ').slice(1, 3).join(' '));
  const twice = done.filter((effect, i) => done.indexOf(effect) !== i);
  const unexplained = twice.filter((effect) => {
    const [executionId = '', step = ''] = effect.split(' ');
    return !log.executions.get(executionId)?.some((fact) => fact.type === 'NodeAttemptLost' && fact.data.nodeId === `s${step}`);
  });
  expect(unexplained).toEqual([]);
}

describe('under load, nothing acknowledged is lost and nothing is applied twice', () => {
  test('when an engine is killed with SIGKILL', async () => {
    await underLoad(async () => {
      await scenario.cluster.engines[0]?.kill();
      await delay(8_000); // past the session time-out: its partitions have new owners
      const replacement = await scenario.cluster.addEngine('engine-4');
      await replacement.ready();
    });
    await expectEffectsExplained();
  });

  test('when an engine stops for 15 s and wakes up as a zombie', async () => {
    await underLoad(async () => {
      const zombie = scenario.cluster.engines[1];
      zombie?.signal('SIGSTOP');
      await delay(15_000);
      zombie?.signal('SIGCONT');
      await delay(2_000);
    });
    await expectEffectsExplained();
  });

  test('when the broker is restarted', async () => {
    await underLoad(async () => {
      await scenario.cluster.kafka.stop();
      await scenario.cluster.kafka.restart();
      await delay(5_000);
    });
  });

  test('when Postgres crashes and comes back', async () => {
    await underLoad(async () => {
      await scenario.cluster.postgres.kill();
      await delay(2_000);
      await scenario.cluster.postgres.restart();
      await delay(3_000);
    });
  });
});
