import { beforeEach, describe, expect, it } from 'vitest';
import { encodeEvent, partitionOf } from '#protocol';
import type { PartitionRuntime } from './partition-runtime.js';
import { graphs, PartitionBench } from './testing/partition-bench.js';

const sharding = { strategy: 'execution' };
/** Ids that partitions of two hold: the workflow is at home on 0, `there` lives on 1, `here` on 0. */
const idOn = (prefix: string, partition: number) => {
  for (let i = 0; ; i += 1) if (partitionOf(`${prefix}${i}`, 2) === partition) return `${prefix}${i}`;
};
const w = idOn('w', 0);
const here = idOn('e', 0);
const there = idOn('e', 1);

let bench: PartitionBench;
let home: PartitionRuntime;
let other: PartitionRuntime;

beforeEach(async () => {
  bench = new PartitionBench({ partitions: 2 });
  home = await bench.owner('a', 0);
  other = await bench.owner('b', 1);
});

const create = (graph: keyof typeof graphs = 'step') => bench.ask('CreateWorkflow', w, { definition: { ...graphs[graph], sharding } });
const keyed = (executionId: string) => ({ key: executionId, partition: partitionOf(executionId, 2) });
const execute = (executionId: string, more: object = keyed(executionId)) => bench.ask('ExecuteWorkflow', w, { executionId }, more);

describe('a workflow whose executions are spread', () => {
  it('is known on every partition once its creation is answered', async () => {
    bench.areForwardsLost = true;
    expect(await create()).toBeUndefined();
    expect(bench.types()).toContain('WorkflowCreated');
    expect(bench.types()).not.toContain('OutboxSent');
    bench.areForwardsLost = false;
    await bench.clock.advance(2_000);
    expect(bench.repliesTo('c1')).toMatchObject([{ ok: true, sharding: 'execution' }]);
    expect(bench.types()).toContain('OutboxSent');
    expect(bench.types(1)).toContain('ShardPlaced');
    expect(bench.broker.all(1).map(({ key }) => key)).toContainEqual(expect.stringMatching(new RegExp(`^${w}/@1/1@`)));
  });

  it('runs an execution on the partition of its key, and home does nothing for it', async () => {
    await create();
    const before = bench.types().length;
    expect(await execute(there)).toMatchObject({ ok: true, sharding: 'execution', result: { executionId: there } });
    expect(await bench.statusOf(other, w, there)).toBe('completed');
    expect(bench.types(1)).toEqual(expect.arrayContaining(['WorkflowStarted', 'ExecutionOpened', 'WorkflowCompleted', 'ExecutionClosed']));
    expect(bench.types()).toHaveLength(before);
  });

  it('runs those of its own partition itself', async () => {
    await create();
    expect(await execute(here)).toMatchObject({ ok: true });
    expect(await bench.statusOf(home, w, here)).toBe('completed');
  });

  it('sends on what has the workflow for a key, once, and gives a repeat the first answer', async () => {
    await create('signal');
    const once = { commandId: 'once' };
    const first = await execute(there, once);
    expect(first).toMatchObject({ ok: true, result: { executionId: there } });
    expect(await execute(there, once)).toEqual(first);
    expect(await execute(there, { ...once, ...keyed(there) })).toEqual(first);
    expect(bench.types(1).filter((type) => type === 'WorkflowStarted')).toHaveLength(1);
    expect(await bench.ask('SignalExecution', w, { executionId: there, name: 'go' })).toMatchObject({ ok: true });
    expect(await bench.statusOf(other, w, there)).toBe('completed');
    expect(home.status()).toMatchObject({ lag: 0 });
  });

  it('is waited for by what comes before it is known there, and what comes before it exists is refused there', async () => {
    const early = await execute(there, { ...keyed(there), commandId: 'early' });
    expect(early).toMatchObject({ ok: false, error: { code: 'WORKFLOW_NOT_FOUND' } });
    bench.areForwardsLost = true;
    await create();
    const waits = bench.produce('ExecuteWorkflow', w, { executionId: idOn('f', 1) }, keyed(idOn('f', 1)));
    await bench.clock.advance(500);
    expect(bench.repliesTo(waits)).toEqual([]);
    bench.areForwardsLost = false;
    await bench.clock.advance(5_000);
    expect(bench.repliesTo(waits)).toMatchObject([{ ok: true }]);
    expect(await execute(there, { ...keyed(there), commandId: 'early' })).toMatchObject({ ...early });
  });

  it('is at home where there is one partition only', async () => {
    bench = new PartitionBench();
    home = await bench.owner();
    expect(await create()).toMatchObject({ ok: true });
    expect(bench.types()).toContain('OutboxSent');
    expect(await bench.ask('ExecuteWorkflow', w, { executionId: there }, { key: there })).toMatchObject({ ok: true });
    expect(await bench.statusOf(home, w, there)).toBe('completed');
  });

  it('is told to its shards by the next owner where the last one did not get to it (L12)', async () => {
    bench.areForwardsLost = true;
    await create();
    await bench.stop(home);
    bench.areForwardsLost = false;
    home = await bench.owner('c', 0);
    await bench.clock.advance(500);
    expect(bench.types()).toContain('OutboxSent');
    expect(await execute(there)).toMatchObject({ ok: true });
  });

  it('runs its newest version everywhere once its update is answered', async () => {
    await create();
    await bench.ask('UpdateWorkflow', w, { definition: { ...graphs.signal, sharding } });
    expect(await execute(there)).toMatchObject({ result: { version: 2 } });
    expect(await bench.statusOf(other, w, there)).toBe('waiting');
  });

  it('is deleted everywhere, and by force with what runs', async () => {
    await create('signal');
    await execute(there);
    expect(await bench.ask('DeleteWorkflow', w, { force: true })).toMatchObject({ ok: true });
    expect(await execute(idOn('f', 1))).toMatchObject({ error: { code: 'WORKFLOW_NOT_FOUND' } });
    expect(await bench.statusOf(other, w, there)).toBe('cancelled');
  });

  it('is told apart from one whose executions are with it: their key is the workflow', async () => {
    await bench.create(w, 'signal');
    const wrong = await execute(there);
    expect(wrong).toMatchObject({ error: { code: 'WORKFLOW_NOT_FOUND', message: expect.stringContaining('key') as string } });
    expect(await execute(there, {})).toMatchObject({ ok: true });
    expect(await bench.statusOf(home, w, there)).toBe('waiting');
  });
});

describe('questions about spread executions', () => {
  const query = { kind: 'execution', workflowId: w, executionId: there } as const;

  it('are answered where the execution lives; home says where', async () => {
    await create('signal');
    await execute(there);
    expect(await bench.query(home, query)).toEqual({ status: 'elsewhere', partition: 1, isHome: false });
    expect(await bench.query(other, query)).toMatchObject({ status: 'found', view: { status: 'waiting' } });
    const result = await bench.query(home, { ...query, kind: 'result', waitMs: 1 });
    expect(result).toMatchObject({ status: 'elsewhere', partition: 1 });
  });

  it('go home from a partition that was guessed and has no shard, and come back for good', async () => {
    expect(await bench.query(other, query)).toEqual({ status: 'elsewhere', partition: 0, isHome: true });
    expect(await bench.query(home, query)).toEqual({ status: 'notFound' });
    expect(await bench.query(other, { ...query, routed: true })).toEqual({ status: 'notFound' });
  });

  it('about the workflow show what each partition counts', async () => {
    await create('signal');
    await execute(there);
    const status = { kind: 'workflowStatus', workflowId: w } as const;
    expect(await bench.query(home, status)).toMatchObject({ view: { running: 0, sharding: 'execution' } });
    expect(await bench.query(other, status)).toMatchObject({ view: { running: 1, executionCount: 1 } });
  });
});

describe('messages to shards', () => {
  it('are refused by a quarantined one, which is released on its own partition and follows again', async () => {
    await create();
    await bench.stop(other);
    const event = { id: `${w}/@1/9`, workflowId: w, seq: 9, at: 0, type: 'OutboxSent', data: { revision: 1 } } as const;
    bench.broker.append(1, [encodeEvent(event, { epoch: other.status().epoch ?? '', offset: bench.broker.end(1) })]);
    other = await bench.owner('c', 1);
    expect(await execute(there)).toMatchObject({ error: { code: 'QUARANTINED' } });
    const update = () => bench.ask('UpdateWorkflow', w, { definition: { ...graphs.step, sharding } });
    expect(await update()).toMatchObject({ ok: true, result: { version: 2 } });
    expect(await bench.ask('ReleaseQuarantine', w, {}, { partition: 1, route: 'shard' })).toMatchObject({ ok: true });
    expect(await execute(idOn('f', 1))).toMatchObject({ ok: true, result: { version: 1 } });
    await update();
    expect(await execute(idOn('g', 1))).toMatchObject({ ok: true, result: { version: 3 } });
  });

  it.each(['home', 'shard'] as const)('and the mark %s count only where an engine could have written them', async (route) => {
    const made = await bench.ask('CreateWorkflow', w, { definition: graphs.step }, { partition: 1, route });
    expect(made).toMatchObject({ ok: true });
    expect(bench.types()).toContain('WorkflowCreated');
    expect(bench.types(1)).not.toContain('WorkflowCreated');
    const started = await bench.ask('ExecuteWorkflow', w, { executionId: here }, { partition: 1, route });
    expect(started).toMatchObject({ ok: true });
    expect(bench.types(1)).not.toContain('WorkflowStarted');
  });

  it('are taken from engines only, for other partitions than home', async () => {
    const data = { revision: 1, begins: true, version: 1, definition: {}, problemCount: 0 };
    expect(await bench.ask('PlaceShard', w, data)).toMatchObject({ error: { code: 'INVALID_COMMAND' } });
    expect(await bench.ask('CloseShard', w, { revision: 1, force: true }, { partition: 1 })).toMatchObject({
      error: { code: 'INVALID_COMMAND' },
    });
    expect(bench.types(1)).not.toContain('ShardPlaced');
  });
});
