import { describe, expect, it } from 'vitest';
import { PartitionBench } from '../testing/partition-bench.js';

const endless = () => ({ runMs: 3_600_000, outcome: { status: 'completed', nodes: {} } }) as const;

async function running(settings = {}) {
  const bench = new PartitionBench(settings);
  const owner = await bench.owner();
  await bench.create('w', 'stage');
  bench.script = endless;
  await bench.ask('ExecuteWorkflow', 'w', { executionId: 'x' });
  return { bench, owner };
}
const cancel = (bench: PartitionBench) => bench.ask('CancelExecution', 'w', { executionId: 'x' });

describe('what an ended execution left behind', () => {
  it('is removed when its third owner in a row was lost', async () => {
    const { bench } = await running();
    for (const instance of ['b', 'c']) await bench.owner(instance);
    expect(bench.discarded).toEqual([]);
    const last = await bench.owner('d');
    expect(await bench.statusOf(last, 'w', 'x')).toBe('failed');
    expect(bench.discarded).toEqual(['x/in']);
  });

  it('is removed when it is cancelled while no attempt runs', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner();
    const definition = {
      name: 'retried',
      nodes: [
        { id: 'in', nodeType: 'test.source', config: {}, retry: { maxAttempts: 3, initialInterval: '1h', maxInterval: '1h' } },
        { id: 'out', nodeType: 'test.sink', config: {} },
      ],
      edges: [{ id: 'e', source: 'in', target: 'out' }],
    };
    await bench.ask('CreateWorkflow', 'w', { definition });
    bench.script = () => ({ runMs: 1, outcome: { status: 'failed', error: { code: 'BROKEN', message: 'x' } } });
    await bench.ask('ExecuteWorkflow', 'w', { executionId: 'x' });
    expect(await bench.statusOf(owner, 'w', 'x')).toBe('waiting');
    expect(bench.discarded).toEqual([]);
    await cancel(bench);
    expect(bench.discarded).toEqual(['x/in']);
  });

  it('is removed when its workflow is deleted by force and forgets the version', async () => {
    const { bench } = await running();
    await bench.ask('DeleteWorkflow', 'w', { force: true });
    await bench.clock.advance(100);
    expect(bench.discarded).toEqual(['x/in']);
  });

  it('is removed only after its thread has ended', async () => {
    const { bench } = await running();
    bench.script = () => ({ ...endless(), endMs: 500 });
    await bench.ask('ExecuteWorkflow', 'w', { executionId: 'y' });
    await bench.ask('CancelExecution', 'w', { executionId: 'y' });
    expect(bench.discarded).toEqual([]);
    await bench.clock.advance(500);
    expect(bench.discarded).toEqual(['y/in']);
  });

  it('is removed by the next owner when this one dies over it, and not again once it is gone', async () => {
    const { bench } = await running();
    bench.discardMs = 5_000;
    await cancel(bench);
    await bench.clock.advance(2_000);
    bench.discardMs = 5;
    await bench.owner('b');
    expect(bench.discarded).toEqual(['x/in', 'x/in']);
    await bench.clock.advance(2_000);
    await bench.owner('c');
    expect(bench.discarded).toHaveLength(2);
  });

  it('keeps no checkpoint where it is for longer than ten seconds', async () => {
    const { bench, owner } = await running({ passivateAfterMs: 500 });
    bench.discardMs = 3_600_000;
    await cancel(bench);
    await bench.clock.advance(2_000);
    expect(owner.status().uncovered).toBeGreaterThan(0);
    await bench.clock.advance(10_000);
    expect(owner.status().uncovered).toBe(0);
  });

  it('is nothing where the execution completed', async () => {
    const bench = new PartitionBench();
    await bench.owner();
    await bench.create('w', 'stage');
    await bench.ask('ExecuteWorkflow', 'w', {});
    expect(bench.discarded).toEqual([]);
    expect(bench.types().at(-1)).toBe('ExecutionClosed');
  });
});
