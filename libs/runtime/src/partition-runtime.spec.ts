import { describe, expect, it } from 'vitest';
import { mintCommandId } from '#protocol';
import { PartitionBench } from './testing/partition-bench.js';

const executed = (bench: PartitionBench, workflowId: string, executionId: string) =>
  bench.ask('ExecuteWorkflow', workflowId, { executionId });

describe('an owner', () => {
  it('runs a workflow from its creation to its end, and answers each command once', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    expect(await bench.create('w', 'step')).toMatchObject({ ok: true, result: { workflowId: 'w' } });
    expect(await executed(bench, 'w', 'e')).toMatchObject({ ok: true, result: { executionId: 'e', status: 'started' } });
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('completed');
    expect(bench.replies.sent).toHaveLength(2);
    expect(owner.status()).toMatchObject({ state: 'active', lag: 0 });
    expect(owner.commandPosition()).toBe(2);
  });

  it('derives an execution id from the commandId, and gives a repeat the first answer', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    await bench.create('w', 'signal');
    const first = await bench.ask('ExecuteWorkflow', 'w', { input: 1 }, { commandId: 'once' });
    const repeat = await bench.ask('ExecuteWorkflow', 'w', { input: 1 }, { commandId: 'once' });
    expect(repeat).toEqual(first);
    expect(bench.types().filter((type) => type === 'WorkflowStarted')).toHaveLength(1);
    expect(await bench.ask('ExecuteWorkflow', 'w', { input: 2 }, { commandId: 'once' })).toMatchObject({
      error: { code: 'COMMAND_CONFLICT' },
    });
  });

  it('knows a minted commandId as new without asking the database', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    await bench.create('w', 'signal');
    await bench.clock.advance(5_000);
    bench.storeFault = () => ({ runMs: 1, answerMs: 1, fail: 'before' });
    const young = { commandId: mintCommandId(bench.clock.now(), 'r') };
    expect(await bench.ask('ExecuteWorkflow', 'w', {}, young)).toMatchObject({ ok: true });
    const future = { commandId: mintCommandId(bench.clock.now() + 60_000, 'r') };
    expect(await bench.ask('ExecuteWorkflow', 'w', {}, future)).toMatchObject({ error: { code: 'INVALID_COMMAND' } });
  });

  it('remembers refusals: the repeat gets the first one although it could be accepted by now', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    expect(await bench.ask('DeleteWorkflow', 'w', {}, { commandId: 'early' })).toMatchObject({ error: { code: 'WORKFLOW_NOT_FOUND' } });
    await bench.create('w', 'step');
    expect(await bench.ask('DeleteWorkflow', 'w', {}, { commandId: 'early' })).toMatchObject({ error: { code: 'WORKFLOW_NOT_FOUND' } });
  });

  it('refuses commands that are stale or expired', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    const now = bench.clock.now();
    expect(await bench.ask('DeleteWorkflow', 'w', {}, { issuedAt: now - 4_000_000 })).toMatchObject({ error: { code: 'STALE_COMMAND' } });
    expect(await bench.ask('DeleteWorkflow', 'w', {}, { expiresAt: now - 1 })).toMatchObject({ error: { code: 'EXPIRED' } });
  });

  it('blames no command for its own clock', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    await bench.create('w', 'step');
    bench.brokerAheadMs = -58_000; // its clock is ahead of everybody else's
    await bench.ask('UpdateWorkflow', 'w', { definition: { name: 'w', nodes: [], edges: [] } }); // its answer tells
    const others = bench.clock.now() - 58_000;
    expect(await bench.ask('DeleteWorkflow', 'w', {}, { issuedAt: others, expiresAt: others + 10_000 })).toMatchObject({ ok: true });
  });

  it.each([60_000, -60_000])('blames no command for a step of its clock by %i ms since the last append', async (stepMs) => {
    const bench = new PartitionBench({ dedupeWindowMs: 30_000 });
    await bench.owner();
    await bench.create('w', 'signal');
    await bench.clock.advance(600_000);
    const now = bench.clock.now();
    bench.clock.skewMs = stepMs;
    expect(await bench.ask('ExecuteWorkflow', 'w', {}, { issuedAt: now, expiresAt: now + 4_900 })).toMatchObject({ ok: true });
    await bench.clock.advance(600_000);
    const late = { issuedAt: now + 600_000, expiresAt: now + 600_040 };
    expect(await bench.ask('ExecuteWorkflow', 'w', {}, late)).toMatchObject({ error: { code: 'EXPIRED' } });
  });

  it('rejects what cannot be read, and goes on', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    bench.topic.produce({ key: 'w', value: 'no json', headers: { 'reply-topic': 'replies' } }, 0);
    expect(await bench.create('w', 'step')).toMatchObject({ ok: true });
    expect(bench.topic.rejected).toMatchObject([{ partition: 0, offset: 0, code: 'MALFORMED' }]);
    expect(bench.replies.sent.map(({ reply }) => reply.ok)).toEqual([expect.any(Boolean), expect.any(Boolean)]);
    expect(owner.commandPosition()).toBe(2);
  });

  it('forwards a command that belongs on another partition and counts it as decided', async () => {
    const bench = new PartitionBench({ partitions: 2 });
    const owner = await bench.owner();
    const misplaced = ['w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7'];
    for (const workflowId of misplaced) bench.produce('DeleteWorkflow', workflowId);
    await bench.clock.advance(100);
    const forwarded = bench.topic.all(1).length;
    expect(forwarded).toBeGreaterThan(0);
    expect(bench.replies.sent).toHaveLength(misplaced.length - forwarded);
    expect(owner.commandPosition()).toBe(misplaced.length);
  });

  it('refuses a command whose events do not fit into one append, and fails a node whose output does not (L3)', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'step');
    expect(await bench.ask('ExecuteWorkflow', 'w', { executionId: 'big', input: 'x'.repeat(30_000) })).toMatchObject({
      error: { code: 'PAYLOAD_TOO_LARGE' },
    });
    bench.script = () => ({ runMs: 1, outcome: { status: 'completed', nodes: { a: { output: 'x'.repeat(30_000) } } } });
    await executed(bench, 'w', 'e');
    const answer = await bench.query(owner, { kind: 'execution', workflowId: 'w', executionId: 'e' });
    expect(answer).toMatchObject({ view: { status: 'failed', error: { code: 'PAYLOAD_TOO_LARGE' } } });
  });

  it('cancels every execution of a workflow that is deleted by force, in memory or not', async () => {
    const bench = new PartitionBench({ passivateAfterMs: 200 });
    const owner = await bench.owner();
    await bench.create('w', 'signal');
    for (const id of ['e1', 'e2']) await executed(bench, 'w', id);
    await bench.clock.advance(2_000);
    await executed(bench, 'w', 'e3');
    expect(await bench.ask('DeleteWorkflow', 'w', { force: true })).toMatchObject({ ok: true });
    await bench.clock.advance(500);
    for (const id of ['e1', 'e2', 'e3']) expect(await bench.statusOf(owner, 'w', id)).toBe('cancelled');
  });
});

describe('queries (L8)', () => {
  it('wait for a result and hear of it once it is confirmed', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'signal');
    await executed(bench, 'w', 'e');
    const result = owner.query({ kind: 'result', workflowId: 'w', executionId: 'e', waitMs: 10_000 });
    await bench.clock.advance(500);
    bench.produce('SignalExecution', 'w', { executionId: 'e', name: 'go' });
    await bench.clock.advance(500);
    expect(await result).toMatchObject({ status: 'found', view: { status: 'completed' } });
  });

  it('say "not found" only once the group has confirmed the owner', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    expect(await bench.statusOf(owner, 'w', 'nobody')).toBe('notFound');
    bench.isCoordinatorAway = true;
    expect(await bench.statusOf(owner, 'w', 'nobody')).toBe('OWNERSHIP_UNCONFIRMED');
    bench.isCoordinatorAway = false;
    bench.coordinator.assign(0, 'b');
    expect(await bench.statusOf(owner, 'w', 'nobody')).toBe('notOwner');
  });
});

describe('a wall clock that is set back', () => {
  it('makes no old confirmation fresh', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'step');
    await bench.clock.advance(2_000);
    bench.clock.skewMs = -60_000;
    bench.isCoordinatorAway = true;
    expect(await bench.query(owner, { kind: 'workflow', workflowId: 'w' })).toMatchObject({ code: 'OWNERSHIP_UNCONFIRMED' });
  });

  it('fires no timer before its time, and each soon after it is right again', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'delay');
    await executed(bench, 'w', 'e');
    bench.clock.skewMs = 60_000;
    await bench.clock.advance(20_000);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('waiting');
    await bench.clock.advance(20_000);
    bench.clock.skewMs = 0;
    await bench.clock.advance(1_500);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('completed');
  });
});

describe('memory', () => {
  it('lets finished and idle entities go once they are saved, and wakes a sleeper in time', async () => {
    const bench = new PartitionBench({ passivateAfterMs: 500 });
    const owner = await bench.owner();
    await bench.create('w', 'delay');
    await executed(bench, 'w', 'e');
    await bench.clock.advance(3_000);
    expect(owner.status().hotEntities).toBe(0);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('waiting');
    await bench.clock.advance(30_000);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('completed');
    expect(bench.types().filter((type) => type === 'WorkflowCompleted')).toHaveLength(1);
  });

  it('fires no timer while the clock is off, and says so', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    await bench.create('w', 'delay');
    bench.brokerAheadMs = 5_000;
    await executed(bench, 'w', 'e');
    await bench.clock.advance(40_000);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('waiting');
    expect(owner.status()).toMatchObject({ clockSkewMs: expect.any(Number), reason: expect.stringContaining('clock is off') });
    bench.brokerAheadMs = 0;
    await bench.clock.advance(5_000);
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('completed');
  });
});
