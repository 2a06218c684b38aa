import { describe, expect, it } from 'vitest';
import { encodeEvent } from '#protocol';
import { PartitionBench } from './testing/partition-bench.js';

const executed = (bench: PartitionBench, workflowId: string, executionId: string) =>
  bench.ask('ExecuteWorkflow', workflowId, { executionId });

describe('taking over', () => {
  it('goes on where the last owner stopped, and reports its attempts as lost', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('w', 'step');
    bench.script = () => ({ runMs: 60_000, outcome: { status: 'completed', nodes: {} } });
    await executed(bench, 'w', 'e');
    await bench.stop(first);
    bench.script = () => ({ runMs: 5, outcome: { status: 'completed', nodes: { a: { output: 1 } } } });
    const second = await bench.owner('b');
    await bench.clock.advance(50);
    expect(await bench.statusOf(second, 'w', 'e')).toBe('completed');
    expect(bench.types()).toContain('NodeAttemptLost');
    expect(bench.works.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('reads nothing again after a hand-off', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('w', 'signal');
    await executed(bench, 'w', 'e');
    await bench.stop(first, 'handOff');
    expect(first.status().state).toBe('stopped');
    const second = await bench.owner('b');
    const report = JSON.parse(bench.observed.findLast((one) => one.kind === 'recovered')?.text ?? '{}') as { recordsRead: number };
    expect(report.recordsRead).toBe(1);
    expect(await bench.statusOf(second, 'w', 'e')).toBe('waiting');
  });

  it('waits for the database with a named reason, and then serves', async () => {
    const bench = new PartitionBench();
    bench.storeFault = () => ({ runMs: 0, answerMs: 0, fail: 'before' });
    const owner = await bench.owner();
    expect(owner.status()).toMatchObject({ state: 'recovering', reason: expect.stringContaining('reading the checkpoint') });
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('RECOVERING');
    bench.storeFault = () => undefined;
    await bench.clock.advance(5_000);
    expect(owner.status().state).toBe('active');
  });

  it('lets an old owner go that learns of its successor by its next append', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('w', 'step');
    const second = await bench.owner('b');
    await bench.clock.advance(200);
    expect(await executed(bench, 'w', 'e')).toMatchObject({ ok: true });
    await bench.clock.advance(20_000);
    expect([first.status().state, second.status().state]).toEqual(['stopped', 'active']);
    expect(bench.types().filter((type) => type === 'WorkflowCompleted')).toHaveLength(1);
  });

  it('does not serve where the group does not confirm it', async () => {
    const bench = new PartitionBench();
    const owner = bench.begin('a');
    bench.coordinator.assign(0, 'b');
    await bench.clock.advance(100);
    expect(owner.status().state).toBe('stopped');
    expect(bench.types()).toEqual([]);
  });

  it('rebuilds from the log where the checkpoint is not of this log (L11)', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('w', 'signal');
    await executed(bench, 'w', 'e');
    await bench.clock.advance(1_000);
    await bench.stop(first);
    bench.broker.truncate(0, 2); // the fence and the creation stay
    const second = await bench.owner('b');
    expect(bench.observed.some((one) => one.kind === 'note' && one.text.includes("rebuilding from the log's start"))).toBe(true);
    expect(await bench.statusOf(second, 'w', 'e')).toBe('waiting'); // its command was decided again
    expect(second.status().state).toBe('active');
  });

  it('halts where the commands that it never decided are gone (L11)', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('w', 'step');
    await bench.stop(first);
    bench.topic.trim(0, 5);
    const second = await bench.owner('b');
    await bench.clock.advance(10_000);
    expect(second.status()).toMatchObject({ state: 'halted', reason: expect.stringContaining('COMMAND_POSITION_OUT_OF_RANGE') });
    expect(await bench.statusOf(second, 'w', 'e')).toBe('HALTED');
    await bench.stop(second);
    expect(second.status().state).toBe('stopped');
  });

  it('halts at a record of a newer version rather than skip it', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.stop(first);
    const epoch = first.status().epoch ?? '';
    const event = { id: 'w/-/1', workflowId: 'w', seq: 1, at: 0, type: 'WorkflowDeleted', data: { force: false } } as const;
    const record = encodeEvent(event, { epoch, offset: bench.broker.end(0) });
    bench.broker.append(0, [{ ...record, headers: { ...record.headers, schema: '99' } }]);
    const second = await bench.owner('b');
    expect(second.status()).toMatchObject({ state: 'halted', reason: expect.stringContaining('UNKNOWN_RECORD') });
  });
});

describe('in doubt (L5, L6)', () => {
  it('decides again what was written and never confirmed, and answers it once', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    let unheard = true;
    bench.appendFault = () => {
      if (!unheard) return undefined;
      unheard = false;
      return { deliverMs: 1, answerMs: 'never' };
    };
    const commandId = bench.produce('CreateWorkflow', 'w', { definition: { nodes: [], edges: [] } });
    await bench.clock.advance(10_000);
    expect(bench.count('inDoubt')).toBe(1);
    expect(bench.repliesTo(commandId)).toMatchObject([{ ok: true }]);
    expect(bench.types().filter((type) => type === 'WorkflowCreated')).toHaveLength(1);
    expect(owner.status()).toMatchObject({ state: 'active', lag: 0 });
  });

  it('dispatches a start of its own that landed unheard, once', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'step');
    let unheard = true;
    bench.appendFault = () => {
      if (!unheard) return undefined;
      unheard = false;
      return { deliverMs: 1, answerMs: 'never' };
    };
    bench.produce('ExecuteWorkflow', 'w', { executionId: 'e' });
    await bench.clock.advance(10_000);
    expect(bench.works.map(({ attempt }) => attempt)).toEqual([1]);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('completed');
  });

  it('decides again under the same fence what was plainly refused', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    let refusals = 3;
    bench.appendFault = () =>
      refusals-- > 0 ? { deliverMs: 1, answerMs: 1, refuse: { code: 'NOT_LEADER', message: 'another broker leads' } } : undefined;
    const commandId = bench.produce('DeleteWorkflow', 'w');
    await bench.clock.advance(1_000);
    expect(bench.repliesTo(commandId)).toHaveLength(1);
    expect(bench.types().filter((type) => type === 'OwnerFenced')).toHaveLength(1);
  });

  it('notices, idle, that the log lost what was confirmed, and begins anew', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'step');
    bench.broker.truncate(0, 1);
    await bench.clock.advance(15_000);
    expect(owner.status().state).toBe('active');
    expect(bench.types().filter((type) => type === 'WorkflowCreated')).toHaveLength(1); // decided again from the topic
  });

  it('takes nothing from a database that went back in time', async () => {
    const bench = new PartitionBench({ passivateAfterMs: 200 });
    const owner = await bench.owner();
    await bench.create('w', 'signal');
    await bench.clock.advance(300);
    const older = bench.database.backup();
    await executed(bench, 'w', 'e');
    await bench.clock.advance(2_000);
    bench.database.restore(older);
    const asked = owner.query({ kind: 'execution', workflowId: 'w', executionId: 'e' });
    await bench.clock.advance(1_000);
    expect(await asked).toMatchObject({ status: 'unavailable' });
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('waiting');
    expect(bench.count('recovered')).toBe(2);
  });
});

describe('a hole in an entity (V2)', () => {
  it('quarantines that entity, by name, across owners, until it is released', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('good', 'step');
    await bench.create('bad', 'step');
    await bench.stop(first);
    const event = { id: 'bad/-/7', workflowId: 'bad', seq: 7, at: 0, type: 'WorkflowDeleted', data: { force: false } } as const;
    bench.broker.append(0, [encodeEvent(event, { epoch: first.status().epoch ?? '', offset: bench.broker.end(0) })]);
    const second = await bench.owner('b');
    expect(await executed(bench, 'bad', 'e')).toMatchObject({ error: { code: 'QUARANTINED' } });
    expect(await executed(bench, 'good', 'e')).toMatchObject({ ok: true });
    await bench.clock.advance(1_000);
    await bench.stop(second);
    const third = await bench.owner('c');
    expect(await executed(bench, 'bad', 'e2')).toMatchObject({ error: { code: 'QUARANTINED' } });
    expect(await bench.query(third, { kind: 'workflowStatus', workflowId: 'bad' })).toMatchObject({ code: 'QUARANTINED' });
    expect(await bench.ask('ReleaseQuarantine', 'bad')).toMatchObject({ ok: true, result: { released: true } });
    expect(await executed(bench, 'bad', 'e3')).toMatchObject({ ok: true });
  });

  it('is released by a fact: an owner that dies at once, before any snapshot, has said it for all', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    await bench.create('bad', 'step');
    await bench.clock.advance(1_000);
    await bench.stop(first);
    const event = { id: 'bad/-/7', workflowId: 'bad', seq: 7, at: 0, type: 'WorkflowDeleted', data: { force: false } } as const;
    bench.broker.append(0, [encodeEvent(event, { epoch: first.status().epoch ?? '', offset: bench.broker.end(0) })]);
    const second = await bench.owner('b');
    await bench.clock.advance(1_000); // its quarantine is in the store
    bench.storeFault = (statement) => (statement === 'save' ? { runMs: 1, answerMs: 1, fail: 'before' } : undefined);
    expect(await bench.ask('ReleaseQuarantine', 'bad')).toMatchObject({ ok: true, result: { released: true } });
    await bench.stop(second);
    bench.storeFault = () => undefined;
    expect(bench.database.tables(0).snapshots.get('bad')?.quarantine).toBeDefined();
    await bench.owner('c');
    expect(await executed(bench, 'bad', 'e')).toMatchObject({ ok: true });
  });
});
