import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppProcess } from '#testing/cluster';
import { freePort } from '#testing/embedded';
import { ProduceProxy } from '../../libs/kafka/src/testing/index.js';
import { chain, node } from './chain.js';
import { Scenario } from './scenario.js';
import { until } from './until.js';

const progressTimeoutMs = 6_000;
const workflowIds = Array.from({ length: 24 }, (_, i) => `flow-${i}`);
let scenario: Scenario;
let door: ProduceProxy;
/** The engine that reaches the broker only through the door. */
let hurt: AppProcess;

beforeAll(async () => {
  const ports = { port: await freePort(), advertisedPort: await freePort() };
  const environment = { MILLRACE_PROGRESS_TIMEOUT_MS: String(progressTimeoutMs) };
  scenario = await Scenario.start({ engines: 1, doors: [ports], environment });
  door = await ProduceProxy.start(`127.0.0.1:${ports.port}`, ports.advertisedPort);
  hurt = await scenario.cluster.addEngine('hurt', { MILLRACE_KAFKA_BROKERS: `127.0.0.1:${ports.advertisedPort}` });
  await hurt.ready();
  for (const id of workflowIds) await scenario.create(chain(id, node('short', 'test.effect', { step: 0, ms: 1 })));
}, 120_000);
afterAll(async () => {
  door?.lose(undefined); // so that it can hand off
  await scenario?.stop();
  await door?.close();
});

interface Place {
  readonly id: string;
  readonly partition: number;
}

/** Workflows of as many partitions of an engine. */
function placesOf(instance: string, count: number): Promise<Place[]> {
  return until(`${instance} has ${count} partitions with workflows`, async () => {
    const byPartition = new Map<number, Place>();
    for (const id of workflowIds) {
      const { partition, instance: owner } = await scenario.location(id);
      if (owner === instance) byPartition.set(partition, { id, partition });
    }
    return byPartition.size >= count ? [...byPartition.values()].slice(0, count) : undefined;
  });
}

/** Starts an execution that nobody can confirm for now. */
async function begin(id: string, executionId: string): Promise<void> {
  const { status } = await scenario.client.post(`/api/v1/workflows/${id}/execute`, { executionId }, { prefer: 'respond-async' });
  expect(status).toBe(202);
}

const stalls = (partition: number) =>
  scenario.logged('hurt').filter((line) => line.event === 'partition.stalled' && line.partition === partition);

async function readiness(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${hurt.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  return { status: response.status, text: await response.text() };
}

const unready = (what: RegExp) =>
  until(
    `readiness says ${what}`,
    async () => {
      const { status, text } = await readiness();
      return status === 503 && what.test(text) ? text : undefined;
    },
    60_000,
  );

describe('liveness is progress', () => {
  test('a partition that commits nothing begins anew in its place, then goes to another engine; its neighbours go on', async () => {
    const [stuck, neighbour] = await placesOf('hurt', 2);
    if (stuck === undefined || neighbour === undefined) throw new Error('placesOf gives as many as asked for');
    door.lose((topic, partition) => topic === 'workflow.events' && partition === stuck.partition);
    await begin(stuck.id, 'stuck');
    let slowestMs = 0;
    const whileItLasts = async <T>(what: string, look: () => T | undefined | Promise<T | undefined>) =>
      until(
        what,
        async () => {
          const startedAt = performance.now();
          expect(await scenario.client.run(neighbour.id)).toMatchObject({ status: 'completed' });
          slowestMs = Math.max(slowestMs, performance.now() - startedAt);
          return look();
        },
        60_000,
      );
    await whileItLasts('the watch notices', () => stalls(stuck.partition)[0]);
    expect(await unready(/nothing gets on in partitions/)).toMatch(new RegExp(`partitions ${stuck.partition}\\b`));
    const owner = await whileItLasts('the partition has another owner', async () => {
      const { instance } = await scenario.location(stuck.id);
      return instance === 'engine-1' ? instance : undefined;
    });
    expect(owner).toBe('engine-1');
    expect(stalls(stuck.partition)).toHaveLength(2); // once in its place, once for good
    expect((await scenario.client.reaches(stuck.id, 'stuck', ['completed', 'failed'])).status).toBe('completed');
    expect((await scenario.location(neighbour.id)).instance).toBe('hurt');
    expect(hurt.running).toBe(true);
    expect(slowestMs).toBeLessThan(progressTimeoutMs / 2);
    door.lose(undefined);
    await until('it is ready again', async () => (await readiness()).status === 200 || undefined);
  }, 120_000);

  test('a process in which no partition commits anything ends with failing health and 1; others go on with its work', async () => {
    const [one] = await placesOf('hurt', 1);
    const [elsewhere] = await placesOf('engine-1', 1);
    if (one === undefined || elsewhere === undefined) throw new Error('placesOf gives as many as asked for');
    door.lose((topic) => topic === 'workflow.events');
    await begin(one.id, 'orphan');
    expect(await unready(/nothing gets on in partitions/)).toContain(String(one.partition));
    await until(
      'the process has ended',
      async () => {
        expect(await scenario.client.run(elsewhere.id)).toMatchObject({ status: 'completed' });
        return !hurt.running || undefined;
      },
      60_000,
    );
    expect(hurt.exitCode).toBe(1);
    const fatal = scenario.logged('hurt').find(({ level }) => level === 'fatal');
    expect(fatal).toMatchObject({
      err: { code: 'NO_PROGRESS', message: expect.stringContaining('no partition of this process has appended anything') },
    });
    expect((await scenario.client.reaches(one.id, 'orphan', ['completed', 'failed'])).status).toBe('completed');
    expect((await scenario.readLog()).violations).toEqual([]);
  }, 120_000);
});
