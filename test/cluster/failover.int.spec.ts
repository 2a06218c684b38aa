import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AppProcess } from '#testing/cluster';
import { expectAllCompleted } from './all-completed.js';
import { canMakeHosts, FarHost } from './far-host.js';
import { Load } from './load.js';
import { effectPipeline, Scenario } from './scenario.js';
import { until } from './until.js';

const secret = { MILLRACE_CLUSTER_SECRET: 'a secret for this test only' };
const workflowIds = Array.from({ length: 6 }, (_, i) => `effects-${i}`);
/** Well below the session time-out of 6 s, and room for a machine that is busy with other tests. */
const promptMs = 3_000;

interface Line {
  readonly event?: string;
  readonly member?: string;
  readonly memberId?: string;
  readonly reason?: string;
  readonly observers?: string[];
  readonly gained?: number[];
  readonly msg?: string;
}

let scenario: Scenario;
let load: Load | undefined;

afterEach(async () => {
  await load?.stop();
  load = undefined;
});

function lines(instance: string, since: number): Line[] {
  return scenario.logged(instance).filter(({ time }) => Date.parse(String(time)) >= since) as Line[];
}

const suspicions = (observer: string, member: string, since: number) =>
  lines(observer, since).filter((line) => line.event === 'member.suspected' && line.member === member);

const gains = (instance: string, since: number) =>
  lines(instance, since).filter((line) => line.event === 'shard.rebalance' && (line.gained ?? []).length > 0);

/** Resolves with how long it took until every partition had one of these owners. */
async function ownedBy(instances: readonly string[], since: number, withinMs: number): Promise<number> {
  await until(
    `all partitions are with ${instances.join(', ')}`,
    async () => {
      const { body } = await scenario.client.get('/api/v1/cluster/shards');
      const shards = body.shards as { instance?: string; state?: string }[];
      return shards.every(({ instance, state }) => instances.includes(instance ?? '') && state === 'active') || undefined;
    },
    withinMs,
  );
  return Date.now() - since;
}

function startLoad(): void {
  load = new Load(() => scenario.cluster.gateways.map((gateway) => gateway.url), workflowIds).start(8);
}

/** Stops the load; everything that was acknowledged has ended, once. */
async function expectWhole(): Promise<void> {
  await delay(1_000);
  await load?.stop();
  await expectAllCompleted(scenario, load?.acknowledged ?? new Map(), 20);
}

function engine(instance: string): AppProcess {
  const found = scenario.cluster.engines.find((each) => each.instance === instance && each.running);
  if (!found) throw new Error(`no engine ${instance} is running`);
  return found;
}

describe('three engines that watch each other', () => {
  beforeAll(async () => {
    scenario = await Scenario.start({ engines: 3, environment: secret });
    for (const id of workflowIds) await scenario.create(effectPipeline(id, 4));
    await ownedBy(['engine-1', 'engine-2', 'engine-3'], Date.now(), 15_000);
  }, 120_000);
  afterAll(() => scenario?.stop());

  test('take over from a killed one long before its session runs out, and lose nothing', async () => {
    startLoad();
    await delay(1_000);
    const killedAt = Date.now();
    await engine('engine-1').kill();
    expect(await ownedBy(['engine-2', 'engine-3'], killedAt, 15_000)).toBeLessThan(promptMs);
    const suspected = [...suspicions('engine-2', 'engine-1', killedAt), ...suspicions('engine-3', 'engine-1', killedAt)];
    expect(suspected[0]).toMatchObject({ reason: 'gone' });
    for (const survivor of ['engine-2', 'engine-3'])
      expect(lines(survivor, killedAt).some((line) => line.event === 'member.left' && line.member === 'engine-1')).toBe(true);
    await (await scenario.cluster.addEngine('engine-1')).ready();
    await expectWhole();
  });

  test('put out one that is stopped, take it back when it wakes up, and lose nothing', async () => {
    await ownedBy(['engine-1', 'engine-2', 'engine-3'], Date.now(), 15_000);
    startLoad();
    await delay(1_000);
    const stoppedAt = Date.now();
    engine('engine-2').signal('SIGSTOP');
    try {
      expect(await ownedBy(['engine-1', 'engine-3'], stoppedAt, 15_000)).toBeLessThan(promptMs + 1_000);
    } finally {
      engine('engine-2').signal('SIGCONT');
    }
    const wokenAt = Date.now();
    const suspected = [...suspicions('engine-1', 'engine-2', stoppedAt), ...suspicions('engine-3', 'engine-2', stoppedAt)];
    expect(suspected[0]).toMatchObject({ reason: 'silent', observers: expect.arrayContaining(['engine-1', 'engine-3']) });
    await until('the woken one owns partitions again', () => gains('engine-2', wokenAt)[0]);
    await expectWhole();
    for (const other of ['engine-1', 'engine-3']) expect(suspicions(other, 'engine-2', wokenAt)).toEqual([]);
    expect(suspicions('engine-2', 'engine-1', stoppedAt)).toEqual([]);
    expect(suspicions('engine-2', 'engine-3', stoppedAt)).toEqual([]);
  });

  test('put out one whose main loop stands, and take it back when it turns again', async () => {
    await ownedBy(['engine-1', 'engine-2', 'engine-3'], Date.now(), 15_000);
    await scenario.create({ id: 'blocks', nodes: [{ id: 'block', nodeType: 'test.block', config: { ms: 5_500 } }], edges: [] });
    const { instance = '' } = await scenario.location('blocks');
    const since = Date.now();
    const executionId = await scenario.client.execute('blocks');
    const others = ['engine-1', 'engine-2', 'engine-3'].filter((each) => each !== instance);
    const suspected = await until('it is suspected', () => others.flatMap((other) => suspicions(other, instance, since))[0]);
    expect(suspected.reason).toBe('stalled');
    expect(await scenario.client.reaches('blocks', executionId, ['completed', 'failed'])).toMatchObject({ status: 'completed' });
    await until('the blocked one owns partitions again', () => gains(instance, since)[0]);
    expect((await scenario.readLog()).violations).toEqual([]);
  });

  test('tell each other of one that leaves, and suspect nobody', async () => {
    await ownedBy(['engine-1', 'engine-2', 'engine-3'], Date.now(), 15_000);
    const stoppedAt = Date.now();
    await engine('engine-3').stop();
    expect(await ownedBy(['engine-1', 'engine-2'], stoppedAt, 15_000)).toBeLessThan(promptMs);
    for (const other of ['engine-1', 'engine-2']) {
      expect(lines(other, stoppedAt).find((line) => line.event === 'member.left')).toMatchObject({ member: 'engine-3', reason: 'left' });
      expect(suspicions(other, 'engine-3', stoppedAt)).toEqual([]);
    }
    await (await scenario.cluster.addEngine('engine-3')).ready();
  });

  test('with one name between two of them: both go on, and a clear error says what is wrong', async () => {
    await ownedBy(['engine-1', 'engine-2', 'engine-3'], Date.now(), 15_000);
    const since = Date.now();
    const twin = await scenario.cluster.addEngine('engine-3');
    await twin.ready();
    const told = (line: Line) => line.msg?.includes('MILLRACE_INSTANCE_ID') ?? false;
    await until('the error is told', () => lines('engine-3', since).find(told));
    await delay(3_000);
    expect(lines('engine-3', since).filter((line) => line.event === 'member.suspected')).toEqual([]);
    for (const other of ['engine-1', 'engine-2']) expect(suspicions(other, 'engine-3', since)).toEqual([]);
    expect(lines('engine-3', since).filter((line) => line.msg?.includes('put this member out'))).toEqual([]);
    await twin.stop();
  });

  test.skipIf(!canMakeHosts())('take over from one whose host vanishes without a word', async () => {
    await engine('engine-3').stop();
    const host = await FarHost.start(scenario.cluster);
    try {
      const since = Date.now();
      await host.engine('engine-far');
      await until('the far engine owns partitions', () => gains('engine-far', since)[0], 30_000);
      startLoad();
      await delay(2_000);
      const lostAt = Date.now();
      host.pullTheCable();
      expect(await ownedBy(['engine-1', 'engine-2'], lostAt, 20_000)).toBeLessThan(promptMs + 1_000);
      const suspected = [...suspicions('engine-1', 'engine-far', lostAt), ...suspicions('engine-2', 'engine-far', lostAt)];
      expect(suspected[0]).toMatchObject({ reason: 'silent' });
      await expectWhole();
    } finally {
      await host.stop();
    }
  });
});

describe('an engine alone', () => {
  beforeAll(async () => {
    scenario = await Scenario.start({ engines: 1 });
  }, 120_000);
  afterAll(() => scenario?.stop());

  test('that is killed and started again under its name does not wait for its former session', async () => {
    await engine('engine-1').kill();
    const restartedAt = Date.now();
    const again = await scenario.cluster.addEngine('engine-1');
    await again.ready();
    const left = await until('the former self is put out', () =>
      lines('engine-1', restartedAt).find((line) => line.event === 'member.left' && line.reason === 'restarted'),
    );
    const owned = await until('it owns everything', () => gains('engine-1', restartedAt)[0]);
    const between = (line: object) => Date.parse(String((line as { time?: string }).time));
    expect(between(owned) - between(left)).toBeLessThan(1_000);
  });
});

describe('engines that do not watch each other', () => {
  beforeAll(async () => {
    scenario = await Scenario.start({ engines: 2, environment: { MILLRACE_FAILURE_DETECTOR: 'off' } });
    await ownedBy(['engine-1', 'engine-2'], Date.now(), 15_000);
  }, 120_000);
  afterAll(() => scenario?.stop());

  test('take over when the session has run out', async () => {
    const killedAt = Date.now();
    await engine('engine-1').kill();
    const tookMs = await ownedBy(['engine-2'], killedAt, 20_000);
    expect(tookMs).toBeGreaterThan(3_000);
    expect(tookMs).toBeLessThan(8_000);
    expect(lines('engine-2', killedAt).filter((line) => line.event === 'member.suspected')).toEqual([]);
  });
});
