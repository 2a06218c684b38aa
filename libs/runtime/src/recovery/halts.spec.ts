import { describe, expect, it } from 'vitest';
import type { AcceptAnswer, HaltAcceptance } from '#protocol';
import type { PartitionRuntime } from '../partition-runtime.js';
import { PartitionBench } from '../testing/partition-bench.js';

const executed = (bench: PartitionBench, executionId: string) => bench.ask('ExecuteWorkflow', 'w', { executionId });

/** A workflow with two finished executions; its owner is gone. `afterMs`: virtual time until then. */
async function workedBench(afterMs = 10_000): Promise<PartitionBench> {
  const bench = new PartitionBench();
  const owner = await bench.owner('a');
  await bench.create('w', 'step');
  await executed(bench, 'e1');
  await executed(bench, 'e2');
  await bench.clock.advance(afterMs);
  await bench.stop(owner, 'handOff');
  return bench;
}

/** The topic is created anew and grows past what was remembered of the old one. */
function outgrow(bench: PartitionBench, commands = 8): void {
  bench.topic.recreate(0);
  for (let i = 0; i < commands; i += 1) bench.produce('ExecuteWorkflow', 'w', { executionId: `n${i}` });
}

async function ownerOf(bench: PartitionBench, instanceId: string, ms = 12_000): Promise<PartitionRuntime> {
  const owner = bench.begin(instanceId);
  await bench.clock.advance(ms);
  return owner;
}

async function accepting(
  bench: PartitionBench,
  wanted: HaltAcceptance,
  instanceId = 'x',
): Promise<{ answer: AcceptAnswer; owner: PartitionRuntime }> {
  const owner = bench.make(instanceId);
  const answer = owner.startAccepting(wanted);
  await bench.clock.advance(2_000);
  return { answer: await answer, owner };
}

const halted = (code: string) => ({ state: 'halted', reason: expect.stringMatching(`^${code}: `) });

describe('a commands topic that is not the one whose commands were decided (L11)', () => {
  it.each([10_000, 0])('halts its partition, at every start anew, when it was recreated %i ms after the last command', async (afterMs) => {
    const bench = await workedBench(afterMs);
    outgrow(bench);
    for (const instance of ['b', 'c', 'd']) {
      const owner = await ownerOf(bench, instance);
      expect(owner.status()).toMatchObject(halted('COMMANDS_REPLACED'));
      await bench.stop(owner);
    }
    expect(bench.types().filter((type) => type === 'WorkflowStarted')).toHaveLength(2);
  });

  it('is told by the log where the store knows no time', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner('a');
    await bench.create('w', 'step');
    await bench.stop(owner);
    outgrow(bench);
    bench.database.restore(new Map()); // the store was dropped: the log says it all
    expect((await ownerOf(bench, 'b')).status()).toMatchObject(halted('COMMANDS_REPLACED'));
  });

  it.each([
    [5, 'COMMANDS_REPLACED'],
    [1, 'COMMAND_POSITION_OUT_OF_RANGE'],
  ])('is told by what was decided above the low-water mark, too (%i new commands: %s)', async (count, code) => {
    const bench = new PartitionBench();
    bench.storeFault = (statement) => (statement === 'load' ? { runMs: 60_000, answerMs: 1 } : undefined);
    const owner = await bench.owner('a');
    bench.produce('CreateWorkflow', 'w', { definition: { nodes: [], edges: [] } }); // waits for the store
    bench.topic.write(0, { key: null, value: null, headers: {} });
    await bench.clock.advance(500);
    await bench.stop(owner);
    bench.storeFault = () => undefined;
    expect(bench.broker.all(0).at(-1)?.headers).toMatchObject({ type: 'Decided', commandOffset: '-1', decidedAbove: '1' });
    outgrow(bench, count);
    expect((await ownerOf(bench, 'b')).status()).toMatchObject(halted(code));
  });

  it('is noticed by a living owner before it takes anything from it, and by those after it', async () => {
    const bench = new PartitionBench();
    const owner = await bench.owner('a');
    await bench.create('w', 'step');
    await bench.clock.advance(1_000);
    outgrow(bench);
    await bench.clock.advance(3_000);
    expect(owner.status()).toMatchObject(halted('COMMANDS_REPLACED'));
    expect(bench.types().at(-1)).toBe('WorkflowCreated');
    await bench.stop(owner);
    expect((await ownerOf(bench, 'b')).status()).toMatchObject(halted('COMMANDS_REPLACED'));
  });

  it('is the same topic when it has only grown', async () => {
    const bench = await workedBench(0);
    for (let i = 0; i < 8; i += 1) bench.produce('ExecuteWorkflow', 'w', { executionId: `n${i}` });
    expect((await ownerOf(bench, 'b')).status()).toMatchObject({ state: 'active', lag: 0 });
  });
});

describe('an event log that is gone while its commands are kept (L11)', () => {
  it('halts its partition, at every start anew: the commands would take effect again', async () => {
    const bench = await workedBench();
    bench.broker.truncate(0, 0);
    for (const instance of ['b', 'c']) {
      const asked = bench.boundsAsked;
      const owner = await ownerOf(bench, instance);
      expect(owner.status()).toMatchObject(halted('EVENTS_REPLACED'));
      expect(bench.boundsAsked).toBe(asked + 1);
      await bench.stop(owner);
    }
    expect(bench.works).toHaveLength(2);
  });

  it('is nothing to ask about where the commands are new too', async () => {
    const bench = await workedBench();
    bench.broker.truncate(0, 0);
    bench.topic.recreate(0);
    await bench.clock.advance(10);
    expect((await ownerOf(bench, 'b')).status().state).toBe('active');
    expect(await bench.create('w', 'step')).toMatchObject({ ok: true });
  });

  it('is nothing to ask about where the new commands came before the first owner', async () => {
    const bench = await workedBench();
    bench.broker.truncate(0, 0);
    bench.topic.recreate(0);
    await bench.clock.advance(10);
    bench.produce('CreateWorkflow', 'v', { definition: { nodes: [], edges: [] } });
    expect((await ownerOf(bench, 'b')).status()).toMatchObject({ state: 'active', lag: 0 });
    expect(bench.types()).toContain('WorkflowCreated');
  });

  it('rebuilds by itself where the log is there and the store was dropped, or is older', async () => {
    const bench = await workedBench();
    bench.database.restore(new Map());
    const owner = await ownerOf(bench, 'b');
    expect(await bench.statusOf(owner, 'w', 'e2')).toBe('completed');
    expect(bench.works).toHaveLength(2);
  });
});

describe("an operator's acceptance", () => {
  it('lets the commands of a new topic run, once, and holds for every later owner', async () => {
    const bench = await workedBench();
    outgrow(bench);
    const { answer, owner } = await accepting(bench, { code: 'COMMANDS_REPLACED', from: 'earliest' });
    expect(answer).toMatchObject({ status: 'accepted', from: 0, state: 'active' });
    await bench.clock.advance(1_000);
    expect(await bench.statusOf(owner, 'w', 'n0')).toBe('completed');
    expect(bench.works).toHaveLength(2 + 8);
    await bench.stop(owner);
    for (const instance of ['b', 'c']) {
      const next = await ownerOf(bench, instance);
      expect(next.status()).toMatchObject({ state: 'active', lag: 0 });
      await bench.stop(next);
    }
    expect(bench.works).toHaveLength(2 + 8);
    expect(bench.types().filter((type) => type === 'PartitionAccepted')).toHaveLength(1);
  });

  it('of "latest" passes over what is in the topic, and over nothing else', async () => {
    const bench = await workedBench();
    outgrow(bench);
    const { answer, owner } = await accepting(bench, { code: 'COMMANDS_REPLACED', from: 'latest' });
    expect(answer).toMatchObject({ status: 'accepted', from: 8 });
    expect(await executed(bench, 'later')).toMatchObject({ ok: true });
    expect(await bench.statusOf(owner, 'w', 'n7')).toBe('notFound');
    outgrow(bench, 20); // and the accepted topic is known by its time as well
    await bench.stop(owner);
    expect((await ownerOf(bench, 'b')).status()).toMatchObject(halted('COMMANDS_REPLACED'));
  });

  it('of lost commands goes on from what is left', async () => {
    const bench = await workedBench();
    bench.topic.trim(0, 7);
    const { answer } = await accepting(bench, { code: 'COMMAND_POSITION_OUT_OF_RANGE', from: 'earliest' });
    expect(answer).toMatchObject({ status: 'accepted', from: 7, state: 'active' });
    expect(await executed(bench, 'later')).toMatchObject({ ok: true });
  });

  it.each([
    ['earliest', 4],
    ['latest', 2],
    [2, 3],
  ] as const)('of a lost event log decides the kept commands from %s on', async (from, works) => {
    const bench = await workedBench();
    bench.broker.truncate(0, 0);
    const { answer, owner } = await accepting(bench, { code: 'EVENTS_REPLACED', from });
    expect(answer).toMatchObject({ status: 'accepted', state: 'active' });
    await bench.create('w', 'step'); // "there already" from `earliest` on
    await bench.clock.advance(1_000);
    expect(bench.works).toHaveLength(from === 2 ? 2 : works); // from 2 on there is no workflow to execute
    await bench.stop(owner);
    expect((await ownerOf(bench, 'b')).status().state).toBe('active');
  });

  it('is refused where the partition halts for another reason, or for none, and changes nothing', async () => {
    const bench = await workedBench();
    outgrow(bench);
    const other = await accepting(bench, { code: 'EVENTS_REPLACED', from: 'earliest' });
    expect(other.answer).toMatchObject({ status: 'refused', state: 'halted', reason: expect.stringContaining('COMMANDS_REPLACED') });
    await bench.stop(other.owner);
    const outside = await accepting(bench, { code: 'COMMANDS_REPLACED', from: 9 });
    expect(outside.answer).toMatchObject({ status: 'refused', reason: expect.stringContaining('the topic holds 0 to 8') });
    await bench.stop(outside.owner);
    expect(bench.types()).not.toContain('PartitionAccepted');
  });

  it('that was written and never heard of is found, and not repeated', async () => {
    const bench = await workedBench();
    outgrow(bench);
    bench.appendFault = (records) => (records[0]?.headers.type === 'PartitionAccepted' ? { deliverMs: 1, answerMs: 'never' } : undefined);
    const owner = bench.make('x');
    const answer = owner.startAccepting({ code: 'COMMANDS_REPLACED', from: 'earliest' });
    await bench.clock.advance(10_000);
    expect(owner.status().state).toBe('active');
    expect(await answer).toMatchObject({ status: 'accepted', from: 0 });
    expect(bench.types().filter((type) => type === 'PartitionAccepted')).toHaveLength(1);
    expect(bench.works).toHaveLength(2 + 8);
  });

  it('of a zombie is no fact: the next owner halts as before', async () => {
    const bench = await workedBench();
    outgrow(bench);
    bench.appendFault = (records) => (records[0]?.headers.type === 'PartitionAccepted' ? { deliverMs: 3_000, answerMs: 1 } : undefined);
    const zombie = bench.make('x');
    const answer = zombie.startAccepting({ code: 'COMMANDS_REPLACED', from: 'earliest' });
    await bench.clock.advance(500);
    bench.appendFault = () => undefined;
    const owner = await ownerOf(bench, 'b');
    expect(bench.types()).toContain('PartitionAccepted');
    expect(owner.status()).toMatchObject(halted('COMMANDS_REPLACED'));
    await bench.stop(zombie);
    expect(await answer).toMatchObject({ status: 'notOwner' });
  });
});
