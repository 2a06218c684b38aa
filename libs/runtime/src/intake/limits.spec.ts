import { describe, expect, it } from 'vitest';
import { PartitionBench } from '../testing/partition-bench.js';

const execute = (bench: PartitionBench, workflowId: string, count: number) =>
  Array.from({ length: count }, () => bench.produce('ExecuteWorkflow', workflowId, {}));

describe('what a new owner would have to read', () => {
  const settings = { maxReplay: 200, maxBatchInputs: 10, snapshotIntervalMs: 60_000, snapshotEvery: 1_000 };

  it('stays within the bound while the store can be asked: intake waits for snapshots', async () => {
    const bench = new PartitionBench(settings);
    const owner = await bench.owner();
    await bench.create('w', 'signal');
    bench.storeFault = () => ({ runMs: 400, answerMs: 1 }); // slow, not away
    const ids = execute(bench, 'w', 300);
    let most = 0;
    let hindered = 0;
    for (let i = 0; i < 600 && bench.repliesTo(ids.at(-1) ?? '').length === 0; i += 1) {
      await bench.clock.advance(20);
      const { uncovered, reason = '' } = owner.status();
      most = Math.max(most, uncovered);
      if (reason.startsWith('commands wait for snapshots')) hindered += 1;
    }
    expect(ids.every((id) => bench.repliesTo(id).length === 1)).toBe(true);
    expect(hindered).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(settings.maxReplay + 4 * settings.maxBatchInputs); // the last batch may pass it
  });

  it('is not bounded while the store is away, and says so', async () => {
    const bench = new PartitionBench(settings);
    const owner = await bench.owner();
    await bench.create('w', 'signal');
    bench.storeFault = () => ({ runMs: 1, answerMs: 1, fail: 'before' });
    const ids = execute(bench, 'w', 300).slice(-1);
    await bench.clock.advance(5_000);
    expect(bench.repliesTo(ids[0] ?? '')).toHaveLength(0); // an id without a birth must be looked up
    bench.storeFault = () => undefined;
    await bench.clock.advance(5_000);
    expect(bench.repliesTo(ids[0] ?? '')).toHaveLength(1);
    expect(owner.status().uncovered).toBeLessThan(settings.maxReplay);
  });
});

describe('limits', () => {
  it('refuse executions beyond what one workflow may have, and take the same command later', async () => {
    const bench = new PartitionBench({ maxExecutionsPerWorkflow: 2 });
    await bench.owner();
    await bench.create('w', 'signal');
    await bench.create('v', 'signal');
    for (const executionId of ['e1', 'e2']) await bench.ask('ExecuteWorkflow', 'w', { executionId });
    expect(await bench.ask('ExecuteWorkflow', 'w', {}, { commandId: 'third' })).toMatchObject({ error: { code: 'RESOURCE_EXHAUSTED' } });
    expect(await bench.ask('ExecuteWorkflow', 'v', {})).toMatchObject({ ok: true });
    await bench.ask('CancelExecution', 'w', { executionId: 'e1' });
    expect(await bench.ask('ExecuteWorkflow', 'w', {}, { commandId: 'third' })).toMatchObject({ ok: true });
  });

  it('refuse executions while the slots have too much before them, and nothing else', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    await bench.create('w', 'signal');
    await bench.ask('ExecuteWorkflow', 'w', { executionId: 'e' });
    bench.overload = 'too much waits';
    expect(await bench.ask('ExecuteWorkflow', 'w', {})).toMatchObject({ error: { code: 'RESOURCE_EXHAUSTED', message: 'too much waits' } });
    expect(await bench.ask('SignalExecution', 'w', { executionId: 'e', name: 'go' })).toMatchObject({ ok: true });
  });
});

describe('a workflow with a long line of commands', () => {
  it('does not keep another one waiting behind it', async () => {
    const bench = new PartitionBench({ maxBatchInputs: 5, maxMailbox: 1_000, maxDecidedAbove: 100 });
    await bench.owner();
    for (const workflowId of ['noisy', 'quiet']) await bench.create(workflowId, 'signal');
    const noisy = execute(bench, 'noisy', 300);
    const [quiet = ''] = execute(bench, 'quiet', 1);
    const noisyBefore = async () => {
      while (bench.repliesTo(quiet).length === 0) await bench.clock.advance(1);
      return noisy.filter((id) => bench.repliesTo(id).length > 0).length;
    };
    expect(await noisyBefore()).toBeLessThan(50);
    await bench.clock.advance(1_000);
    expect(noisy.every((id) => bench.repliesTo(id).length === 1)).toBe(true);
  });
});
