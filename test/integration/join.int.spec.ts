import { afterAll, beforeAll, expect, test } from 'vitest';
import { chain, node } from '../cluster/chain.js';
import { readTopic } from '../cluster/log-reader.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

const partitions = 8;
const workflows = 24;
let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 1, partitions });
});
afterAll(() => scenario?.stop());

interface Loss {
  readonly executionId: string;
  readonly data: { readonly handedOff?: boolean };
}

async function losses(): Promise<Loss[]> {
  const records = await readTopic(scenario.cluster.kafka.brokers, 'workflow.events');
  return [...records.values()]
    .flat()
    .filter(({ headers }) => headers.type === 'NodeAttemptLost')
    .map(({ value }) => JSON.parse(value ?? '{}') as Loss);
}

async function ownersNow(): Promise<string[]> {
  const { body } = await scenario.client.get('/api/v1/cluster/shards');
  return (body.shards as { location: string; state: string }[]).filter(({ state }) => state === 'active').map(({ location }) => location);
}

test('engines that join get partitions handed over: what runs there counts as no loss, and the rest is not touched', async () => {
  const running = new Map<string, string>();
  for (let i = 0; i < workflows; i += 1) {
    const id = await scenario.create(chain(`long-${i}`, node('long', 'test.patient', { ms: 600_000, attempts: 50 })));
    running.set(id, await scenario.client.execute(id));
  }
  for (const engines of [2, 3]) {
    await scenario.cluster.addEngine(`engine-${engines}`);
    await until(`${engines} engines serve`, async () => {
      const owners = await ownersNow();
      return (owners.length === partitions && new Set(owners).size === engines) || undefined;
    });
  }
  const moved = await losses();
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.filter(({ data }) => data.handedOff !== true)).toEqual([]);
  for (const [workflowId, executionId] of running) {
    const { status, nodes } = await scenario.client.detail(workflowId, executionId);
    const mine = moved.filter((loss) => loss.executionId === executionId).length;
    expect({ status, attempts: (nodes as { attempts: number }[])[0]?.attempts }).toEqual({ status: 'running', attempts: 1 + mine });
    expect(mine).toBeLessThanOrEqual(2);
  }
});
