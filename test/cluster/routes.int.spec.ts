import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Scenario } from './scenario.js';
import { until } from './until.js';
import { sharedWorkflows, VerbCallers } from './verbs.js';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 3, gateways: 2, environment: { MILLRACE_PASSIVATE_AFTER_MS: '60000' } });
  for (const definition of sharedWorkflows) await scenario.create(definition);
}, 120_000);
afterAll(() => scenario?.stop());

const urls = () => scenario.cluster.gateways.map((gateway) => gateway.url);

/** Every partition is active on a living engine, as both gateways say. */
async function everythingServed(): Promise<void> {
  const living = new Set(scenario.cluster.engines.filter((engine) => engine.running).map((engine) => engine.instance));
  for (const url of urls()) {
    await until(`${url} sees every partition active`, async () => {
      const answer = await fetch(`${url}/api/v1/cluster/shards`);
      const body = (await answer.json()) as { shards?: { state: string; instance: string }[] };
      const isServed = body.shards?.every(({ state, instance }) => state === 'active' && living.has(instance));
      return isServed === true ? true : undefined;
    });
  }
}

/** Route changes are known within a second: no gateway names an engine that has left. */
async function knowsTheRouteWithout(instance: string): Promise<void> {
  const look = async (url: string) => {
    const body = (await (await fetch(`${url}/api/v1/cluster/shards`)).json()) as { shards?: { instance: string | null }[] };
    return body.shards?.every((shard) => shard.instance !== null && shard.instance !== instance) === true ? true : undefined;
  };
  await Promise.all(urls().map((url) => until(`${url} knows that ${instance} has left`, () => look(url), 1_000)));
}

interface ClusterEvent {
  readonly kind: string;
  readonly start: string;
  readonly end: string | null;
  readonly durationMs: number | null;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly member?: string;
  readonly entities?: number;
  readonly moved?: number;
}

async function clusterEvents(kind: string): Promise<readonly ClusterEvent[]> {
  const answer = await scenario.get(`/api/v1/cluster/events?limit=1000&kind=${kind}`);
  return (await answer.json()) as readonly ClusterEvent[];
}

/** Every verb by both gateways while `harm` goes on; no answer may be wrong. */
async function whileCalling(harm: () => Promise<void>): Promise<VerbCallers> {
  const callers = new VerbCallers(urls).start(6);
  await until('the callers have gone round', () => (callers.rounds >= 6 ? true : undefined), 60_000);
  await harm();
  const before = callers.rounds;
  await until('the callers have gone round again', () => (callers.rounds >= before + 6 ? true : undefined), 60_000);
  await callers.stop();
  const { requests, rounds, slowest, standIns } = callers;
  console.log(JSON.stringify({ requests, rounds, slowest, standIns, failures: callers.failures.length }));
  expect(callers.failures).toEqual([]);
  return callers;
}

test('no request fails while all engines are restarted one after another', async () => {
  await everythingServed();
  await whileCalling(async () => {
    for (const engine of [...scenario.cluster.engines]) {
      await engine.stop();
      await knowsTheRouteWithout(engine.instance);
      const successor = await scenario.cluster.addEngine(engine.instance);
      await successor.ready();
      await everythingServed();
    }
  });
}, 180_000);

test('no request fails while an engine joins', async () => {
  await whileCalling(async () => {
    await (await scenario.cluster.addEngine('engine-4')).ready();
    await everythingServed();
  });
}, 120_000);

test('no request fails while an engine is killed', async () => {
  await whileCalling(async () => {
    await scenario.cluster.engines.findLast((engine) => engine.running)?.kill();
    await everythingServed();
  });
}, 120_000);

describe('after all that', () => {
  test('cluster/events tells of every move, with its end, from whom, to whom and why', async () => {
    const failovers = await until('the failover is on record', async () => {
      const found = await clusterEvents('failover');
      return found.length > 0 && found.every((event) => event.end !== null) ? found : undefined;
    });
    for (const event of failovers) expect(event).toMatchObject({ from: 'engine-4', reason: 'gone', durationMs: expect.any(Number) });
    const migrations = await clusterEvents('migration');
    const reasons = new Set(migrations.map(({ reason }) => reason));
    reasons.delete('assigned'); // one that went on to the next owner before it served
    reasons.delete('returned'); // one that was handed over and given back, because the group changed once more meanwhile
    expect(reasons).toEqual(new Set(['first', 'left', 'rebalance']));
    for (const instance of ['engine-1', 'engine-2', 'engine-3'])
      expect(migrations.filter(({ from, reason }) => from === instance && reason === 'left').length).toBeGreaterThan(0);
    expect(migrations.filter(({ end }) => end === null)).toEqual([]);
    expect(migrations.filter(({ to }) => to === 'engine-4').map(({ reason }) => reason)).toContain('rebalance');
  });

  test('cluster/events tells of rebalances and of members that came and went', async () => {
    const rebalances = await clusterEvents('rebalance');
    expect(rebalances.length).toBeGreaterThanOrEqual(8);
    for (const { durationMs, moved } of rebalances)
      expect({ durationMs, moved }).toEqual({ durationMs: expect.any(Number), moved: expect.any(Number) });
    const left = await clusterEvents('member.left');
    expect(left).toContainEqual(expect.objectContaining({ member: 'engine-4', reason: 'gone' }));
    for (const member of ['engine-1', 'engine-2', 'engine-3'])
      expect(left).toContainEqual(expect.objectContaining({ member, reason: 'left' }));
    expect(await clusterEvents('member.suspected')).toContainEqual(expect.objectContaining({ member: 'engine-4', reason: 'gone' }));
    expect((await clusterEvents('member.joined')).filter(({ member }) => member === 'engine-1')).toHaveLength(2);
  });

  test('each move has a log line at its start and one at its end', () => {
    const lines = ['engine-1', 'engine-2', 'engine-3', 'engine-4'].flatMap((instance) => scenario.logged(instance));
    const ends = lines.filter(({ event, phase }) => (event === 'workflow.migration' || event === 'failover') && phase === 'end');
    const starts = lines.filter(({ event, phase }) => (event === 'workflow.migration' || event === 'failover') && phase === 'start');
    expect(ends.length).toBeGreaterThan(16);
    expect(starts.length).toBeGreaterThanOrEqual(ends.length);
    expect(ends.filter(({ to, reason, durationMs }) => !to || !reason || typeof durationMs !== 'number')).toEqual([]);
    const rebalances = lines.filter(({ event }) => event === 'shard.rebalance');
    expect(rebalances.filter(({ phase }) => phase === 'end').length).toBe(rebalances.filter(({ phase }) => phase === 'start').length);
    expect(lines.some(({ event, durationMs }) => event === 'recovery.completed' && typeof durationMs === 'number')).toBe(true);
  });
});
