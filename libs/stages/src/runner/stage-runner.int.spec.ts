import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stageWork, watchStage } from '../testing/stage-work.js';
import { StageRunner } from './stage-runner.js';
import type { StageRunnerSettings } from './stage-settings.js';

// A worker thread cannot load TypeScript: the build beside the sources is what runs.
const threadUrl = new URL('../../../../dist/libs/stages/src/thread/stage-thread.js', import.meta.url);

const numbers = (end: number) => ['in', 'sequence.numbers', 'source', { start: 1, end, step: 1 }] as const;
const toFile = ['out', 'file.text', 'sink', { path: 'out.txt', append: false, encoding: 'utf8' }] as const;
/** Spends the step limit of an expression on every record: a CPU-bound stage that goes on for hours. */
const slow = ['slow', 'map', 'transform', { expression: `[${'1,'.repeat(2000)}1].map(x, x * 2).size() + value` }] as const;
const count = ['count', 'aggregate.count', 'sink', {}] as const;

let filesRoot = '';
let runner: StageRunner;

function createRunner(overrides: Partial<StageRunnerSettings> = {}): StageRunner {
  return new StageRunner({ concurrency: 2, memoryMb: 128, filesRoot, threadUrl, limits: { checkpointIntervalMs: 20 }, ...overrides });
}

beforeEach(() => {
  filesRoot = realpathSync(mkdtempSync(join(tmpdir(), 'stage-runner-')));
  runner = createRunner();
});
afterEach(() => runner.close());

describe('the stage runner', () => {
  it('runs a stage in a thread, with checkpoints on the way, and uses the thread again', async () => {
    const first = watchStage(runner, stageWork([numbers(300_000), toFile]));
    expect(await first.outcome).toMatchObject({ status: 'completed', nodes: { out: { recordsIn: 300_000 } } });
    expect(first.checkpoints.length).toBeGreaterThan(1);
    expect(first.checkpoints.at(-1)).toMatchObject({ done: true });
    expect(readFileSync(join(filesRoot, 'out.txt'), 'utf8').split('\n')).toHaveLength(300_001);
    const second = watchStage(runner, stageWork([numbers(7), count]));
    expect(await second.outcome).toMatchObject({ status: 'completed', nodes: { count: { output: { count: 7 } } } });
    await second.running.ended;
    expect(runner.load()).toMatchObject({ running: 0, waiting: 0 });
  });

  it('fails a stage that needs too much memory, and nothing else', async () => {
    await runner.close();
    runner = createRunner({ memoryMb: 48 });
    const greedy = watchStage(
      runner,
      stageWork([numbers(50_000_000), ['d', 'distinct', 'transform', {}], count], { workflowId: 'greedy' }),
    );
    const modest = watchStage(runner, stageWork([numbers(100_000), count]));
    expect(await modest.outcome).toMatchObject({ status: 'completed' });
    expect(await greedy.outcome).toMatchObject({ status: 'failed', error: { code: 'OUT_OF_MEMORY' } });
    expect((await watchStage(runner, stageWork([numbers(3), count])).outcome).status).toBe('completed');
  });

  it('tells in which node a stage is, although its thread listens to nobody', async () => {
    const endless = ['endless', 'test.endless', 'transform', {}] as const;
    await runner.close();
    runner = createRunner({ nodesDir: endlessNodes() });
    const stuck = watchStage(runner, stageWork([numbers(10), endless, count]));
    expect(stuck.running.at?.()).toBeUndefined();
    await vi.waitFor(() => expect(stuck.running.at?.()).toBe('endless'), { timeout: 5_000 });
    stuck.running.abort('timed_out');
    await stuck.running.ended;
    expect(stuck.running.at?.()).toBeUndefined();
  });

  it('ends a stage that is cancelled, without an outcome, and removes its part file', async () => {
    const endless = watchStage(runner, stageWork([numbers(1e12), slow, toFile]));
    await endless.checkpointed;
    expect(readdirSync(filesRoot)).toEqual(['out.txt.e.out.1%2ea.part']);
    endless.running.abort('cancelled');
    await endless.running.ended;
    expect(endless.outcomes).toEqual([]);
    expect(readdirSync(filesRoot)).toEqual([]);
  });

  it('leaves the part file of a stage that is lost to the owner who goes on from it', async () => {
    const lost = watchStage(runner, stageWork([numbers(1e12), toFile]));
    await lost.checkpointed;
    lost.running.abort('lost');
    await lost.running.ended;
    expect(readdirSync(filesRoot)).toHaveLength(1);
  });

  it('takes the part file of a stage that is lost away while nobody can go on from it', async () => {
    await runner.close();
    runner = createRunner({ limits: { checkpointIntervalMs: 3_600_000 } });
    const lost = watchStage(runner, stageWork([numbers(1e12), slow, toFile]));
    await vi.waitFor(() => expect(readdirSync(filesRoot)).toHaveLength(1));
    lost.running.abort('lost');
    await lost.running.ended;
    expect(lost.checkpoints).toEqual([]);
    expect(readdirSync(filesRoot)).toEqual([]);
  });

  it('removes what the stages of an ended execution left, whoever ran them', async () => {
    const { executionId, workflowId, nodes } = stageWork([numbers(3), toFile]);
    for (const name of ['out.txt.e.out.1%2ea.part', 'out.txt.e.out.7%2eb.part', 'out.txt.other.out.7%2eb.part', 'out.txt'])
      writeFileSync(join(filesRoot, name), 'x');
    await runner.discard({ executionId, workflowId, unitId: 'in', nodes });
    expect(readdirSync(filesRoot).sort()).toEqual(['out.txt', 'out.txt.other.out.7%2eb.part']);
  });

  it('publishes nothing and says nothing when a checkpoint is answered with lost', async () => {
    const zombie = watchStage(runner, stageWork([numbers(2_000_000), toFile]), 'lost');
    await zombie.running.ended;
    expect(zombie.checkpoints).toHaveLength(1);
    expect(zombie.outcomes).toEqual([]);
    expect(existsSync(join(filesRoot, 'out.txt'))).toBe(false);
  });

  it('takes waiting workflows in turn, and lets waiting work be cancelled', async () => {
    await runner.close();
    runner = createRunner({ concurrency: 1 });
    const order: string[] = [];
    const busy = watchStage(runner, stageWork([numbers(1e12), slow, count], { workflowId: 'busy' }));
    const guest = watchStage(runner, stageWork([numbers(1e12), slow, count], { workflowId: 'guest' })); // holds none yet: it need not wait
    const start = (workflowId: string) => {
      const stage = watchStage(runner, stageWork([numbers(3), count], { workflowId }));
      void stage.outcome.then(() => order.push(workflowId));
      return stage;
    };
    const waiting = ['a', 'a', 'a', 'b', 'c'].map(start);
    const cancelled = start('b');
    await Promise.all([busy.checkpointed, guest.checkpointed]);
    expect(runner.load()).toMatchObject({ slots: 1, running: 2, waiting: 6 });
    cancelled.running.abort('cancelled');
    await cancelled.running.ended;
    busy.running.abort('timed_out');
    await Promise.all(waiting.map(({ outcome }) => outcome));
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
    expect(cancelled.outcomes).toEqual([]);
  });

  it('fails work beyond what may wait, and work that comes after its close', async () => {
    await runner.close();
    runner = createRunner({ concurrency: 1, maxWaiting: 1 });
    watchStage(runner, stageWork([numbers(1e12), slow, count]));
    const refused = watchStage(runner, stageWork([numbers(1), count]));
    expect(await refused.outcome).toMatchObject({ status: 'failed', error: { code: 'RESOURCE_EXHAUSTED' } });
    await runner.close();
    const late = watchStage(runner, stageWork([numbers(1), count]));
    expect(await late.outcome).toMatchObject({ status: 'failed', error: { code: 'ENGINE_STOPPING' } });
  });
});

/** A directory with a transform of a user's own that never answers. */
function endlessNodes(): string {
  const directory = mkdtempSync(join(tmpdir(), 'stage-runner-nodes-'));
  const source =
    "export default { nodeType: 'test.endless', kind: 'transform', label: 'Endless', configSchema: { type: 'object' }, transform() { for (;;); } };";
  writeFileSync(join(directory, 'endless.mjs'), source);
  return directory;
}
