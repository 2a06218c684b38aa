import { describe, expect, it } from 'vitest';
import { PartitionBench } from '../testing/partition-bench.js';

const done = (output: number) => ({ status: 'completed', nodes: { a: { output } } }) as const;

async function running(runMs: number) {
  const bench = new PartitionBench();
  const first = await bench.owner('a');
  await bench.create('w', 'step');
  bench.script = () => ({ runMs, outcome: done(1) });
  await bench.ask('ExecuteWorkflow', 'w', { executionId: 'e' });
  return { bench, first };
}

const lostCounts = (bench: PartitionBench) =>
  bench.broker
    .all(0)
    .filter(({ headers }) => headers.type === 'NodeAttemptLost')
    .map(({ value }) => JSON.parse(new TextDecoder().decode(value ?? undefined)).data.lostCount);

describe('a planned hand-off', () => {
  it('lets a short attempt end, so that it runs once', async () => {
    const { bench, first } = await running(90);
    await bench.stop(first, 'handOff');
    const second = await bench.owner('b');
    expect(await bench.statusOf(second, 'w', 'e')).toBe('completed');
    expect(bench.works).toHaveLength(1);
  });

  it('does not count as a loss, however often it happens', async () => {
    const { bench, first } = await running(600_000);
    let owner = first;
    for (const instance of ['b', 'c', 'd', 'e', 'f']) {
      await bench.stop(owner, 'handOff');
      await bench.clock.advance(200);
      owner = await bench.owner(instance);
    }
    expect(await bench.statusOf(owner, 'w', 'e')).toBe('running');
    expect(lostCounts(bench)).toEqual([0, 0, 0, 0, 0]);
    expect(bench.works.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    await bench.stop(owner, 'lost');
    await bench.owner('g');
    expect(lostCounts(bench).at(-1)).toBe(1);
  });

  it('hands off what the end of a short attempt has started, and starts it on the next owner', async () => {
    const bench = new PartitionBench();
    const first = await bench.owner('a');
    const nodes = ['a', 'b'].map((id) => ({ id, nodeType: 'test.step', config: {} }));
    await bench.ask('CreateWorkflow', 'two', { definition: { name: 'two', nodes, edges: [{ id: 'e', source: 'a', target: 'b' }] } });
    bench.script = (work) => ({ runMs: 60, outcome: { status: 'completed', nodes: { [work.unit.id]: { output: 1 } } } });
    await bench.ask('ExecuteWorkflow', 'two', { executionId: 'e' });
    await bench.stop(first, 'handOff');
    await bench.clock.advance(200);
    const second = await bench.owner('b');
    await bench.clock.advance(200);
    expect(await bench.statusOf(second, 'two', 'e')).toBe('completed');
    expect(bench.works.map(({ unit, attempt }) => `${unit.id}${attempt}`)).toEqual(['a1', 'b2']);
  });

  it('ends within its bound when appends are no longer answered', async () => {
    const { bench, first } = await running(600_000);
    bench.areAppendsLost = true;
    const stopped = first.stop('handOff');
    await bench.clock.advance(6_000);
    await stopped;
    expect(first.status()).toMatchObject({ state: 'stopped', reason: 'handed off' });
  });

  it('is cut short when an append of its own is in doubt', async () => {
    const { bench, first } = await running(600_000);
    bench.appendFault = () => ({ deliverMs: 'never', answerMs: 'never' });
    const stopped = first.stop('handOff');
    await bench.clock.advance(3_500); // the append's own time-out, and no more
    await stopped;
    bench.appendFault = () => undefined;
    const second = await bench.owner('b');
    expect(await bench.statusOf(second, 'w', 'e')).toBe('running');
    expect(lostCounts(bench)).toEqual([1]);
  });
});
