import { describe, expect, it } from 'vitest';
import { PartitionBench } from '../testing/partition-bench.js';

const timeoutMs = 20_000;
const enough = 2 * timeoutMs;

const withWorkflow = async () => {
  const bench = new PartitionBench();
  const owner = await bench.owner();
  await bench.create('w', 'step');
  return { bench, owner };
};
const execute = (bench: PartitionBench) => bench.produce('ExecuteWorkflow', 'w', {});

describe('an owner that does not get on', () => {
  it('stands down when an append is never answered, and a new one goes on', async () => {
    const { bench, owner } = await withWorkflow();
    bench.areAppendsLost = true;
    const commandId = execute(bench);
    await bench.clock.advance(timeoutMs / 2);
    expect(owner.status()).toMatchObject({ state: 'active', stalledMs: expect.any(Number) });
    await bench.clock.advance(enough);
    expect(owner.status()).toMatchObject({ state: 'stopped', reason: expect.stringMatching(/^NO_PROGRESS: nothing got on for \d+ s/) });
    expect(bench.observed.filter(({ kind }) => kind === 'fenced')).toMatchObject([{ text: expect.stringContaining('NO_PROGRESS') }]);
    bench.areAppendsLost = false;
    await bench.owner();
    expect(bench.repliesTo(commandId)).toMatchObject([{ ok: true }]);
  });

  it('stands down when commands are in the topic and nothing is read any more', async () => {
    const { bench, owner } = await withWorkflow();
    bench.isReaderDead = true;
    execute(bench);
    await bench.clock.advance(enough);
    expect(owner.status()).toMatchObject({ state: 'stopped', reason: expect.stringContaining('NO_PROGRESS') });
  });

  it('stands down out of a recovery that hangs', async () => {
    const { bench } = await withWorkflow();
    bench.areAppendsLost = true;
    const next = bench.begin('b');
    await bench.clock.advance(enough);
    expect(next.status()).toMatchObject({ state: 'stopped', reason: expect.stringContaining('NO_PROGRESS') });
  });
});

describe('an owner stays', () => {
  it('while nothing waits, however long', async () => {
    const { bench, owner } = await withWorkflow();
    await bench.clock.advance(10 * timeoutMs);
    expect(owner.status()).toMatchObject({ state: 'active', stalledMs: 0 });
    expect(bench.count('fenced')).toBe(0);
  });

  it('while work is done that takes its time', async () => {
    const { bench, owner } = await withWorkflow();
    bench.script = () => ({ runMs: 5 * timeoutMs, outcome: { status: 'completed', nodes: {} } });
    execute(bench);
    await bench.clock.advance(4 * timeoutMs);
    expect(owner.status()).toMatchObject({ state: 'active', runningExecutions: 1 });
  });

  it('while the store is away: another owner would wait for it, too', async () => {
    const { bench, owner } = await withWorkflow();
    bench.storeFault = () => ({ runMs: 1, answerMs: 1, fail: 'before' });
    bench.produce('DeleteWorkflow', 'cold');
    await bench.clock.advance(5 * timeoutMs);
    expect(owner.status()).toMatchObject({ state: 'active', reason: expect.stringContaining('the database cannot be asked now') });
  });

  it('while the group cannot be asked, and then has its time again', async () => {
    const { bench, owner } = await withWorkflow();
    bench.isCoordinatorAway = true;
    bench.areAppendsLost = true;
    execute(bench);
    await bench.clock.advance(5 * timeoutMs);
    expect(owner.status().state).toBe('active');
    bench.isCoordinatorAway = false;
    await bench.clock.advance(timeoutMs / 2);
    expect(owner.status().state).toBe('active');
    await bench.clock.advance(enough);
    expect(owner.status().state).toBe('stopped');
  });
});
