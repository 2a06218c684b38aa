import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppProcess } from '#testing/cluster';
import { chain, node } from './chain.js';
import { Scenario } from './scenario.js';
import { until } from './until.js';

const records = 200_000;
let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 2, partitions: 4 });
});
afterAll(() => scenario?.stop());

/** Numbers to a file, at a pace that takes several checkpoints. */
function slowFile(id: string) {
  return chain(
    id,
    node('in', 'sequence.numbers', { start: 1, end: records }),
    node('pace', 'test.slow', { msPerThousand: 20 }),
    node('map', 'map', { expression: '{"n": value, "square": value * value}' }),
    node('out', 'file.csv', { path: `${id}/result.csv` }),
  );
}

const directoryOf = (id: string) => join(scenario.cluster.filesRoot, id);
const partsOf = (id: string) => (existsSync(directoryOf(id)) ? readdirSync(directoryOf(id)).filter((name) => name.endsWith('.part')) : []);

/** Starts it and returns its engine once the stage has a checkpoint behind it and more to do. */
async function underWay(id: string): Promise<{ executionId: string; owner: AppProcess }> {
  await scenario.create(slowFile(id));
  const executionId = await scenario.client.execute(id);
  await until('a checkpoint is in the log', async () => {
    const { body } = await scenario.client.get(`/api/v1/workflows/${id}/executions/${executionId}/events`);
    return Object.values(body).some((event) => JSON.stringify(event).includes('NodeProgressed')) ? true : undefined;
  });
  const { instance } = await scenario.location(id);
  const owner = scenario.cluster.engines.find((engine) => engine.instance === instance && engine.running);
  if (!owner) throw new Error(`no engine ${instance}`);
  expect(existsSync(join(directoryOf(id), 'result.csv'))).toBe(false);
  return { executionId, owner };
}

async function expectWhole(id: string, executionId: string): Promise<void> {
  const detail = await scenario.client.reaches(id, executionId, ['completed', 'failed'], 60_000);
  expect(detail).toMatchObject({ status: 'completed' });
  const lines = readFileSync(join(directoryOf(id), 'result.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.length).toBe(records + 1);
  expect(lines[0]).toBe('n,square');
  const wrong = lines.slice(1).findIndex((line, i) => line !== `${i + 1},${(i + 1) ** 2}`);
  expect(wrong).toBe(-1); // every record once, in order
  await until('no part file remains', () => (partsOf(id).length === 0 ? true : undefined));
  expect(readdirSync(directoryOf(id))).toEqual(['result.csv']);
}

describe('a stage that writes a file ends with every line once', () => {
  test('when its engine is killed in the middle', async () => {
    const { executionId, owner } = await underWay('killed');
    await owner.kill();
    const replacement = await scenario.cluster.addEngine('engine-3');
    await replacement.ready();
    await expectWhole('killed', executionId);
    const log = await scenario.readLog();
    expect(log.violations).toEqual([]);
    expect(log.executions.get(executionId)?.some(({ type }) => type === 'NodeAttemptLost')).toBe(true);
  });

  test('when its engine is stopped until another one has taken over, and wakes up as a zombie', async () => {
    const { executionId, owner } = await underWay('zombie');
    owner.signal('SIGSTOP');
    try {
      await until('another engine writes', () => (partsOf('zombie').length > 1 ? true : undefined), 30_000);
    } finally {
      owner.signal('SIGCONT');
    }
    await expectWhole('zombie', executionId);
    expect((await scenario.readLog()).violations).toEqual([]);
  });
});

test('a stage whose engine is lost three times in a row fails, and no part file of any of its owners stays', async () => {
  const endless = chain(
    'unlucky',
    node('in', 'sequence.numbers', { start: 1, end: records }),
    node('pace', 'test.slow', { msPerThousand: 3_600_000 }), // no checkpoint, ever
    node('out', 'file.csv', { path: 'unlucky/result.csv' }),
  );
  await scenario.create(endless);
  const executionId = await scenario.client.execute('unlucky');
  for (let owners = 1; owners <= 3; owners += 1) {
    await until(`owner ${owners} writes`, () => partsOf('unlucky').length === owners || undefined, 30_000);
    const { instance } = await scenario.location('unlucky');
    await scenario.cluster.engines.find((engine) => engine.instance === instance && engine.running)?.kill();
    await (await scenario.cluster.addEngine(`spare-${owners}`)).ready();
  }
  const detail = await scenario.client.reaches('unlucky', executionId, ['completed', 'failed'], 30_000);
  expect(detail).toMatchObject({ status: 'failed', error: { code: 'ATTEMPT_LOST' } });
  await until('no part file remains', () => partsOf('unlucky').length === 0 || undefined);
}, 120_000);
