import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { migrate, PostgresPool, projectionLimits, readLimits } from '#postgres';
import { type Clock, TransientError } from '#runtime';
import type { StoppedEntity } from './fold/fold-partition.js';
import type { ProjectionObserver } from './projection-observer.js';
import { Projector } from './projector.js';
import { PostgresReadModel } from './read/postgres-read-model.js';
import { ProjectionStore } from './store/projection-store.js';
import { executionCompleted, executionStarted, ScriptedLog, stepDone, stepStarted, workflowCreated } from './testing/scripted-log.js';

const settings = { url: inject('postgresUrl'), schema: `projection_${process.pid}`, applicationName: 'projection-spec' };
const writing = new PostgresPool(settings, projectionLimits);
const reading = new PostgresPool(settings, readLimits);
const store = new ProjectionStore(writing);

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

class Heard implements ProjectionObserver {
  events = 0;
  batches = 0;
  readonly rebuilt: string[] = [];
  readonly halts: string[] = [];
  readonly stops: StoppedEntity[] = [];
  readonly waits: string[] = [];
  projected(batch: { events: number }): void {
    this.events += batch.events;
    this.batches += 1;
  }
  rebuilding(_partition: number, reason: string): void {
    this.rebuilt.push(reason);
  }
  halted(_partition: number, reason: string): void {
    this.halts.push(reason);
  }
  entityStopped(_partition: number, entity: StoppedEntity): void {
    this.stops.push(entity);
  }
  waiting(reason: string): void {
    this.waits.push(reason);
  }
}

const running: Projector[] = [];
let partition = 0;
let log: ScriptedLog;
let heard: Heard;
let model: PostgresReadModel;

beforeAll(async () => {
  await migrate(settings);
});
beforeEach(() => {
  partition += 1;
  log = new ScriptedLog();
  heard = new Heard();
  model = new PostgresReadModel(reading);
});
afterEach(async () => {
  for (const projector of running.splice(0)) await projector.stop();
});
afterAll(async () => {
  await writing.close();
  await reading.close();
});

function follow(feed = log, more: { flushIntervalMs?: number; maxBatchRecords?: number; maxWaitingRecords?: number } = {}): Projector {
  const projector = new Projector({ feed, store, clock, observer: heard }, { flushIntervalMs: 5, ...more });
  running.push(projector);
  projector.assign([partition]);
  return projector;
}

async function caughtUp(projector: Projector, feed = log): Promise<void> {
  await expect.poll(() => projector.positions().get(partition), { timeout: 10_000, interval: 5 }).toBe(feed.records.length);
}

const id = (name: string): string => `${name}-${partition}`;

test('a finished execution shows in every view', async () => {
  log.fence('a');
  workflowCreated(log, id('w'), { name: 'Orders 100%', description: 'daily', tags: ['x', 'y'] });
  executionStarted(log, id('w'), id('e'));
  for (const node of ['s1', 's2']) stepDone(log, id('w'), id('e'), node);
  executionCompleted(log, id('w'), id('e'));
  await caughtUp(follow());

  const { items } = await model.workflows({ limit: 10, q: 'orders 100%', tag: 'y' });
  expect(items).toMatchObject([
    { workflowId: id('w'), name: 'Orders 100%', state: 'completed', executionCount: 1, runningCount: 0, definition: { id: id('w') } },
  ]);
  expect((await model.workflows({ limit: 10, tag: 'z' })).items).toEqual([]);
  const list = await model.executions({ workflowId: id('w'), limit: 10 });
  expect(list.items).toMatchObject([{ executionId: id('e'), status: 'completed', workflowName: `Workflow ${id('w')}`, logsCount: 0 }]);
  expect(await model.execution(id('w'), id('e'))).toMatchObject({ executionId: id('e'), status: 'completed', output: { done: true } });
  expect((await model.events(id('w'), id('e'), 0, 100)).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await model.events(id('w'), id('e'), 2, 2)).map((event) => event.seq)).toEqual([3, 4]);
  expect(await model.command(`run-${id('e')}`)).toMatchObject({ status: 'applied', result: { executionId: id('e') } });
  expect(await model.command(`create-${id('w')}`)).toMatchObject({ status: 'applied', workflowId: id('w') });
  const history = await model.history(id('w'));
  expect(history?.executions[0]?.nodes.map((node) => [node.nodeId, node.status])).toEqual([
    ['s1', 'completed'],
    ['s2', 'completed'],
  ]);
  expect(await model.timeline(id('w'))).toMatchObject({ executionId: id('e') });
  expect(await model.workflowStatus(id('w'))).toMatchObject({ workflowId: id('w'), executionCount: 1 });
  expect((await model.versions(id('w')))?.map((version) => version.version)).toEqual([1]);
  expect((await model.workflowCounts()).get(partition)).toEqual({ workflows: 1, executions: 1, unfinished: 0 });
});

test('executions that are spread are counted over home and shards, and the shards are no workflows of their own', async () => {
  const definition = { id: id('w'), name: 'Spread', tags: [id('spread')] };
  const created = { definition, version: 1, problemCount: 0, sharding: 'execution' as const };
  log.fence('a');
  log.event({ entity: 'workflow', type: 'WorkflowCreated', data: created }, id('w'), '-', `create-${id('w')}`);
  log.event({ entity: 'workflow', type: 'OutboxSent', data: { revision: 1 } }, id('w'));
  executionStarted(log, id('w'), id('home'));
  executionCompleted(log, id('w'), id('home'));
  const other = new ScriptedLog();
  other.shard = partition + 1_000;
  other.fence('b');
  const placed = { revision: 1, begins: true, version: 1, definition, problemCount: 0 };
  other.event({ entity: 'workflow', type: 'ShardPlaced', data: placed }, id('w'), '-', `outbox/${id('w')}/1/1`);
  executionStarted(other, id('w'), id('away'));
  const away = new Projector({ feed: other, store, clock, observer: heard }, { flushIntervalMs: 5 });
  running.push(away);
  away.assign([other.shard]);
  await caughtUp(follow());
  await expect.poll(() => away.positions().get(partition + 1_000), { timeout: 10_000, interval: 5 }).toBe(other.records.length);

  const page = (state: 'running' | 'completed') => model.workflows({ limit: 10, tag: id('spread'), state });
  expect((await page('running')).items).toMatchObject([{ workflowId: id('w'), executionCount: 2, runningCount: 1, partition }]);
  expect((await page('completed')).items).toEqual([]);
  expect(await model.workflow(id('w'))).toMatchObject({ state: 'running', executionCount: 2, runningCount: 1 });
  expect(await model.workflowStatus(id('w'))).toMatchObject({
    executionCount: 2,
    running: 1,
    state: 'running',
    currentExecution: { executionId: id('away') },
    lastExecution: { executionId: id('home'), status: 'completed' },
  });
  expect((await model.workflowCounts()).get(partition + 1_000)).toMatchObject({ workflows: 0, executions: 1, unfinished: 1 });
  expect((await model.executions({ workflowId: id('w'), limit: 10 })).items).toHaveLength(2);
  expect(await model.command(`outbox/${id('w')}/1/1`)).toBeUndefined();

  executionCompleted(other, id('w'), id('away'));
  await expect.poll(async () => (await page('completed')).items.length, { timeout: 10_000, interval: 20 }).toBe(1);
  expect(await model.workflowStatus(id('w'))).toMatchObject({ running: 0, state: 'completed', executionCount: 2 });
});

test('however the log is cut into batches, the rows are the same, and each event is stored once', async () => {
  const build = (prefix: string): ScriptedLog => {
    const one = new ScriptedLog();
    one.fence('a');
    workflowCreated(one, `${prefix}w`);
    for (let i = 0; i < 6; i += 1) executionStarted(one, `${prefix}w`, `${prefix}e${i}`);
    for (const node of ['s1', 's2', 's3']) for (let i = 0; i < 6; i += 1) stepDone(one, `${prefix}w`, `${prefix}e${i}`, node);
    for (let i = 0; i < 5; i += 1) executionCompleted(one, `${prefix}w`, `${prefix}e${i}`);
    stepStarted(one, `${prefix}w`, `${prefix}e5`, 's4');
    return one;
  };
  const seen: unknown[] = [];
  for (const size of [1, 2, 7, 1_000]) {
    partition += 1;
    const feed = build(`c${size}-`);
    const projector = follow(feed, { flushIntervalMs: 0, maxBatchRecords: size, maxWaitingRecords: Math.max(2, size) });
    await caughtUp(projector, feed);
    const list = await model.executions({ workflowId: `c${size}-w`, limit: 100 });
    const events = await Promise.all(list.items.map((e) => model.events(e.workflowId, e.executionId, 0, 100)));
    const view = await model.execution(`c${size}-w`, `c${size}-e5`);
    const text = JSON.stringify([list.items, events, view, await model.workflow(`c${size}-w`)]);
    seen.push(JSON.parse(text.replaceAll(`c${size}-`, '').replaceAll(/"partition":\d+/g, '"partition":0')));
  }
  expect(seen.slice(1)).toEqual([seen[0], seen[0], seen[0]]);
  expect(JSON.stringify(seen[0])).toContain('"status":"running"');
});

test('a projector that starts again goes on with an execution that its predecessor left half-way', async () => {
  log.fence('a');
  workflowCreated(log, id('w'));
  executionStarted(log, id('w'), id('e'));
  stepDone(log, id('w'), id('e'), 's1');
  const first = follow();
  await caughtUp(first);
  await first.stop();
  stepStarted(log, id('w'), id('e'), 's2');
  await caughtUp(follow());
  expect((await model.execution(id('w'), id('e')))?.nodes).toMatchObject([
    { nodeId: 's1', status: 'completed' },
    { nodeId: 's2', status: 'running' },
  ]);
  expect((await model.executions({ workflowId: id('w'), status: 'running', limit: 5 })).items).toHaveLength(1);
});

test('V1: records of an owner that lost the partition, and misplaced ones, mean nothing', async () => {
  log.fence('a');
  workflowCreated(log, id('w'));
  const late = log.encode({ entity: 'workflow', type: 'WorkflowDeleted', data: { force: true } }, id('w'));
  log.fence('b');
  log.put(late);
  await caughtUp(follow());
  expect(await model.workflow(id('w'))).toBeDefined();
  expect(heard.events).toBe(1);
});

test('V2: a hole stops that entity with a reason and nobody else', async () => {
  log.fence('a');
  workflowCreated(log, id('w'));
  executionStarted(log, id('w'), id('e'));
  log.encode({ entity: 'execution', type: 'SignalReceived', data: { name: 'lost' } }, id('w'), id('e')); // never appended
  stepDone(log, id('w'), id('e'), 's1');
  executionStarted(log, id('w'), id('f'));
  await caughtUp(follow());
  expect(heard.stops).toMatchObject([{ entity: `${id('w')}/${id('e')}`, reason: expect.stringContaining('event 2 is missing') }]);
  expect((await model.events(id('w'), id('e'), 0, 10)).map((event) => event.seq)).toEqual([1]);
  expect(await model.execution(id('w'), id('f'))).toBeDefined();
});

test('two projectors on one partition write each event once', async () => {
  log.fence('a');
  workflowCreated(log, id('w'));
  const both = [follow(log, { flushIntervalMs: 1, maxBatchRecords: 3 }), follow(log, { flushIntervalMs: 1, maxBatchRecords: 4 })];
  for (let i = 0; i < 30; i += 1) {
    executionStarted(log, id('w'), id(`e${i}`));
    stepDone(log, id('w'), id(`e${i}`), 's1');
    executionCompleted(log, id('w'), id(`e${i}`));
  }
  for (const projector of both) await caughtUp(projector);
  const { items } = await model.executions({ workflowId: id('w'), limit: 100 });
  expect(items).toHaveLength(30);
  expect(await model.workflow(id('w'))).toMatchObject({ executionCount: 30, runningCount: 0 });
  for (const { executionId } of items)
    expect((await model.events(id('w'), executionId, 0, 100)).map((event) => event.seq)).toEqual([1, 2, 3, 4]);
});

test('a transaction that was refused, or committed without an answer, is neither lost nor written twice', async () => {
  class FlakyStore extends ProjectionStore {
    #attempts = 0;
    override async write(batch: Parameters<ProjectionStore['write']>[0]): Promise<void> {
      this.#attempts += 1;
      if (this.#attempts === 1) throw new TransientError('refused');
      await super.write(batch);
      if (this.#attempts === 2) throw new TransientError('the answer was lost');
    }
  }
  log.fence('a');
  workflowCreated(log, id('w'));
  executionStarted(log, id('w'), id('e'));
  const projector = new Projector({ feed: log, store: new FlakyStore(writing), clock, observer: heard }, { flushIntervalMs: 1 });
  running.push(projector);
  projector.assign([partition]);
  await caughtUp(projector);
  stepDone(log, id('w'), id('e'), 's1');
  await caughtUp(projector);
  expect(heard.waits).toEqual(['refused', 'the answer was lost']);
  expect(await model.workflow(id('w'))).toMatchObject({ executionCount: 1 });
  expect((await model.events(id('w'), id('e'), 0, 10)).map((event) => event.seq)).toEqual([1, 2, 3]);
});

test('the lag shows how old the oldest waiting record is, and the read model says when it was last followed', async () => {
  log.fence('a');
  const projector = follow();
  await caughtUp(projector);
  expect(projector.lagMs()).toBe(0);
  expect(await new PostgresReadModel(reading).lagMs()).toBeGreaterThanOrEqual(0);
  await reading.rows(
    { text: 'update projection_offsets set updated_at = updated_at - 60000 where partition = $1', values: [partition] },
    'ageing',
  );
  expect(await new PostgresReadModel(reading).lagMs()).toBeGreaterThan(50_000);
  await expect.poll(() => new PostgresReadModel(reading).lagMs(), { timeout: 5_000 }).not.toBeGreaterThan(50_000);
});

test('L11: over a recreated log the partition is dropped and projected again, loudly', async () => {
  log.fence('a');
  workflowCreated(log, id('old'));
  await follow_and_stop();
  const recreated = new ScriptedLog();
  recreated.fence('z');
  workflowCreated(recreated, id('new'));
  workflowCreated(recreated, id('newer'));
  const projector = follow(recreated);
  await caughtUp(projector, recreated);
  expect(heard.rebuilt).toEqual([expect.stringContaining('no fence 0.a')]);
  expect(await model.workflow(id('old'))).toBeUndefined();
  expect(await model.workflow(id('new'))).toBeDefined();
});

test('L11: a tail that was lost and written anew is noticed, though the old fence still stands', async () => {
  log.fence('a');
  workflowCreated(log, id('kept'));
  workflowCreated(log, id('lost'));
  await follow_and_stop();
  const shorter = new ScriptedLog();
  shorter.fence('a');
  workflowCreated(shorter, id('kept'));
  shorter.fence('b');
  workflowCreated(shorter, id('other'));
  await caughtUp(follow(shorter), shorter);
  expect(heard.rebuilt).toEqual([expect.stringContaining('tail was lost')]);
  expect(await model.workflow(id('lost'))).toBeUndefined();
  expect(await model.workflow(id('other'))).toBeDefined();
});

async function follow_and_stop(): Promise<void> {
  const projector = follow();
  await caughtUp(projector);
  await projector.stop();
}

test('refused and expired commands are found by their id, and the first answer stays', async () => {
  log.fence('a');
  log.decided([
    { commandId: id('c1'), commandHash: 'h', code: 'WORKFLOW_NOT_FOUND', message: 'no such workflow' },
    { commandId: id('c2'), commandHash: 'h', code: 'EXPIRED', message: 'too late' },
    { commandId: id('c3'), commandHash: 'h', result: { workflowId: 'w' } },
  ]);
  log.decided([{ commandId: id('c1'), commandHash: 'h', code: 'EXPIRED', message: 'again' }]);
  await caughtUp(follow());
  expect(await model.command(id('c1'))).toMatchObject({ status: 'refused', error: { code: 'WORKFLOW_NOT_FOUND' } });
  expect(await model.command(id('c2'))).toMatchObject({ status: 'expired' });
  expect(await model.command(id('c3'))).toMatchObject({ status: 'applied', result: { workflowId: 'w' } });
  expect(await model.command(id('unknown'))).toBeUndefined();
});

test('a record of a newer schema halts the partition before it, and nothing is skipped', async () => {
  log.fence('a');
  workflowCreated(log, id('w'));
  const next = log.encode({ entity: 'workflow', type: 'WorkflowDeleted', data: { force: true } }, id('w'));
  log.put({ ...next, headers: { ...next.headers, schema: '99' } });
  const projector = follow();
  await expect.poll(() => heard.halts, { timeout: 5_000 }).toEqual([expect.stringContaining('schema 99 at offset 2')]);
  expect(projector.waiting()).toEqual([expect.stringContaining('schema 99')]);
  await expect.poll(() => projector.lagMs()).toBeGreaterThan(0); // what came after is missing, and more so every moment
  expect(await model.workflow(id('w'))).toBeDefined();
});

test('lists page newest first without repeats, and a foreign cursor is refused', async () => {
  log.fence('a');
  for (let i = 0; i < 7; i += 1) workflowCreated(log, id(`p${i}`), { tags: [id('page')] });
  await caughtUp(follow());
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await model.workflows({ limit: 3, tag: id('page'), ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map((item) => item.workflowId));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(ids).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => id(`p${i}`)));
  await expect(model.workflows({ limit: 3, cursor: 'nonsense' })).rejects.toThrow('not a cursor');
});

test('ownership changes are listed with the owner before', async () => {
  log.fence('a', 'engine-1');
  log.fence('b', 'engine-2');
  await caughtUp(follow());
  const { items } = await model.clusterEvents({ limit: 100 });
  const mine = items.filter((event) => event.partition === partition);
  expect(mine).toMatchObject([{ from: 'engine-1', to: 'engine-2' }, { to: 'engine-1' }]);
  expect(mine[1]?.from).toBeUndefined();
});
