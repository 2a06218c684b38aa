import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Load, untilEnded } from '../cluster/load.js';
import { readTopic } from '../cluster/log-reader.js';
import { effectPipeline, Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

const run = promisify(execFile);
const partitions = 12;
let scenario: Scenario;
/** One workflow of each partition. */
const workflowOf = new Map<number, string>();

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 2, partitions });
  for (let i = 0; workflowOf.size < partitions; i += 1) {
    const { partition } = await scenario.location(`flow-${i}`);
    if (!workflowOf.has(partition)) workflowOf.set(partition, `flow-${i}`);
  }
  for (const id of workflowOf.values()) await scenario.create(effectPipeline(id, 2, 5));
});
afterAll(() => scenario?.stop());

/** What Kafka's own command prints about the engines' group, as rows of columns by their heading. */
async function consumerGroups(...flags: string[]): Promise<Record<string, string>[]> {
  const { brokers, classPath } = scenario.cluster.kafka;
  const command = [
    'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    '--bootstrap-server',
    brokers,
    '--describe',
    '--group',
    'millrace',
  ];
  const { stdout } = await run('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath, ...command, ...flags]);
  const [heading = '', ...lines] = stdout.split('\n').filter((line) => line.trim() !== '');
  const names = heading.trim().split(/\s+/);
  return lines.map((line) => {
    const columns = line.trim().split(/\s+/);
    return Object.fromEntries(names.map((name, i) => [name, columns[i] ?? '']));
  });
}

/** Owned partitions by instance, as the cluster's API says; undefined while any is not active. */
async function ownership(): Promise<Map<string, number[]> | undefined> {
  const { body } = await scenario.client.get('/api/v1/cluster/shards');
  const shards = (body.shards ?? []) as { shardId: number; instance: string | null; state: string }[];
  if (shards.length !== partitions || shards.some(({ state }) => state !== 'active')) return undefined;
  const owned = new Map<string, number[]>();
  for (const { shardId, instance } of shards) owned.set(String(instance), [...(owned.get(String(instance)) ?? []), shardId]);
  return owned;
}

const spread = (members: number) =>
  until(`${members} engines share the partitions`, async () => {
    const owned = await ownership();
    return owned?.size === members ? owned : undefined;
  });

/** One caller for each partition, so that a partition that waits holds up nobody else's. */
function loadEverywhere(): Load[] {
  return [...workflowOf.values()].map((id) => new Load(() => [scenario.cluster.url], [id]).start(1));
}

async function expectNothingLost(loads: readonly Load[]): Promise<void> {
  await Promise.all(loads.map((load) => load.stop()));
  const acknowledged = new Map(loads.flatMap((load) => [...load.acknowledged]));
  expect(acknowledged.size).toBeGreaterThan(partitions);
  expect(await untilEnded(scenario.cluster.url, acknowledged, 30_000)).toEqual([]);
  const log = await scenario.readLog();
  expect(log.violations).toEqual([]);
  expect([...acknowledged.keys()].filter((id) => log.outcome(id) !== 'WorkflowCompleted')).toEqual([]);
}

/** The longest silence of each partition's log between two times, ms. */
async function silences(from: number, to: number): Promise<Map<number, number>> {
  const log = await readTopic(scenario.cluster.kafka.brokers, 'workflow.events');
  const longest = new Map<number, number>();
  for (const [partition, records] of log) {
    const times = [from, ...records.map(({ timestamp }) => timestamp).filter((time) => time >= from && time <= to), to];
    longest.set(partition, Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? time))));
  }
  return longest;
}

describe('Kafka’s own tools show who owns what', () => {
  test('kafka-consumer-groups names the owner, position and lag of every partition', async () => {
    await scenario.client.run(String(workflowOf.get(0)));
    const rows = await until('the position of partition 0 is committed', async () => {
      const described = await consumerGroups();
      return described.some((row) => row.PARTITION === '0' && row['CURRENT-OFFSET'] !== '-') ? described : undefined;
    });
    expect(rows.map((row) => Number(row.PARTITION)).sort((a, b) => a - b)).toEqual([...Array(partitions).keys()]);
    for (const row of rows) {
      expect(row.TOPIC).toBe('workflow.commands');
      expect(row['CLIENT-ID']).toMatch(/^millrace-engine-engine-[12]$/);
      expect(row['CONSUMER-ID']).toMatch(/\w/);
    }
    const used = rows.find((row) => row.PARTITION === '0');
    expect(used).toMatchObject({ LAG: '0' });
    expect(used?.['CURRENT-OFFSET']).toBe(used?.['LOG-END-OFFSET']);
  });

  test('and with --members --verbose each member with its share, with --state the assignor', async () => {
    const [members, [state]] = await Promise.all([consumerGroups('--members', '--verbose'), consumerGroups('--state')]);
    expect(members.map((row) => Number(row['#PARTITIONS']))).toEqual([partitions / 2, partitions / 2]);
    for (const row of members) expect(row['CURRENT-ASSIGNMENT']).toMatch(/^workflow\.commands:[\d,]+$/);
    const assigned = members.flatMap((row) => row['CURRENT-ASSIGNMENT']?.split(':')[1]?.split(',') ?? []);
    expect(assigned.map(Number).sort((a, b) => a - b)).toEqual([...Array(partitions).keys()]);
    expect(Object.values(state ?? {})).toEqual(expect.arrayContaining(['millrace-sticky', 'Stable', '2']));
  });
});

describe('engines come and go', () => {
  test('one that joins gets its share, and kept partitions do not pause', async () => {
    const before = await spread(2);
    const loads = loadEverywhere();
    const engine = await scenario.cluster.addEngine('engine-3');
    const rebalanced = await until('the third engine is assigned', () => {
      const line = scenario.logged('engine-3').find(({ event }) => event === 'shard.rebalance');
      return line === undefined ? undefined : Date.parse(String(line.time)) || Number(line.time);
    });
    await engine.ready();
    const after = await spread(3);
    for (const owned of after.values()) expect(Math.abs(owned.length - partitions / 3)).toBeLessThanOrEqual(1);
    const kept = ['engine-1', 'engine-2'].flatMap((name) => (before.get(name) ?? []).filter((p) => after.get(name)?.includes(p)));
    expect(kept.length).toBe(8); // no more moved than had to
    await until('a second has passed since', () => (Date.now() > rebalanced + 1_500 ? true : undefined));
    await expectNothingLost(loads);
    const longest = await silences(rebalanced - 1_500, rebalanced + 1_000);
    process.stdout.write(
      `longest silence during the join, ms: kept ${Math.max(...kept.map((p) => longest.get(p) ?? 0))}, any ${Math.max(...longest.values())}\n`,
    );
    for (const partition of kept) expect(longest.get(partition)).toBeLessThan(1_000);
  });

  test('one that is told to stop hands over, exits with 0, and nothing is lost', async () => {
    const loads = loadEverywhere();
    await until('the load runs', () => (loads.every((load) => load.acknowledged.size > 3) ? true : undefined));
    const leaving = scenario.cluster.engines[0];
    const toldAt = Date.now();
    await leaving?.stop();
    expect(leaving?.exitCode).toBe(0);
    expect(Date.now() - toldAt).toBeLessThan(10_000);
    const owned = await spread(2);
    process.stdout.write(`SIGTERM to all partitions active again: ${Date.now() - toldAt} ms\n`);
    expect([...owned.keys()].sort()).toEqual(['engine-2', 'engine-3']);
    await expectNothingLost(loads);
  });
});
