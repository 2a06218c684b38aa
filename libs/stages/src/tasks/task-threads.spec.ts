import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadUserNodes } from '#nodes';
import { TaskRunner } from './task-runner.js';
import { compileTaskThread } from './testing/compiled-thread.js';
import { observe, taskWork } from './testing/task-work.js';

const module = `
let calls = 0;
const task = (nodeType, run) => ({ nodeType, kind: 'task', run });
export default [
  task('t.echo', ({ input, config, idempotencyKey, log }) => { log('working'); calls += 1; return { input, config, idempotencyKey, calls }; }),
  task('t.throw', () => { throw Object.assign(new Error('broken'), { code: 'E_BROKEN', retryable: false }); }),
  task('t.endless', ({ log }) => { log('spinning'); for (;;); }),
  task('t.wait', ({ signal, log }) => new Promise((resolve) => { signal.addEventListener('abort', resolve); log('waiting'); })),
  task('t.oom', () => { const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length)); }),
  task('t.exit', () => process.exit(3)),
  task('t.late', () => new Promise(() => { setTimeout(() => { throw new Error('later'); }, 1); })),
  task('t.compute', ({ log }) => { log('computing'); for (const end = performance.now() + 80; performance.now() < end; ); }),
  task('t.rest', ({ log }) => { log('resting'); return new Promise((resolve) => setTimeout(resolve, 80)); }),
  task('t.date', () => ({ at: new Date() })),
];`;

describe('a task in a thread', () => {
  let directory: string;
  let threadUrl: URL;
  let runner: TaskRunner;
  const runners: TaskRunner[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-tasks-'));
    threadUrl = await compileTaskThread(join(directory, 'compiled'));
    await writeFile(join(directory, 'tasks.mjs'), module);
    runner = await createRunner(2);
  });
  afterEach(() => Promise.all(runners.splice(1).map((each) => each.close())));
  afterAll(async () => {
    await runner.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function createRunner(concurrency: number, processors = concurrency): Promise<TaskRunner> {
    const created = new TaskRunner({ userNodes: await loadUserNodes(directory), concurrency, processors, memoryMb: 48, threadUrl });
    runners.push(created);
    return created;
  }

  it('reports its result and its log lines', async () => {
    const { outcome, logs } = observe(runner, taskWork('t.echo', [1, { a: null }], { who: 'you' }));
    expect(await outcome).toMatchObject({
      status: 'completed',
      nodes: { n: { output: { input: [1, { a: null }], config: { who: 'you' }, idempotencyKey: 'e/n/1' } } },
    });
    expect(logs).toEqual(['n: working']);
  });

  it('fails as the task says', async () => {
    expect(await observe(runner, taskWork('t.throw')).outcome).toEqual({
      status: 'failed',
      error: { code: 'E_BROKEN', message: 'broken', retryable: false },
      failedNodeId: 'n',
    });
    expect(await observe(runner, taskWork('t.date')).outcome).toMatchObject({ error: { code: 'RESULT_NOT_JSON' } });
  });

  it.each([
    ['t.oom', 'OUT_OF_MEMORY'],
    ['t.exit', 'TASK_THREAD_ENDED'],
    ['t.late', 'Error'],
  ])('hurts only itself when it kills its thread: %s', async (nodeType, code) => {
    expect(await observe(runner, taskWork(nodeType)).outcome).toMatchObject({ status: 'failed', error: { code } });
    expect(await observe(runner, taskWork('t.echo')).outcome).toMatchObject({ status: 'completed' });
  });

  it('ends also out of an endless loop when it is aborted, and reports nothing', async () => {
    const { running, outcomes, logged } = observe(runner, taskWork('t.endless'));
    await logged;
    running.abort('timed_out');
    await running.ended;
    expect(outcomes).toEqual([]);
    expect(runner.load()).toEqual({ running: 0, waiting: 0 });
  });

  it('is told by its signal, and its thread serves the next task', async () => {
    const single = await createRunner(1);
    expect(await observe(single, taskWork('t.echo')).outcome).toMatchObject({ nodes: { n: { output: { calls: 1 } } } });
    const { running, logged } = observe(single, taskWork('t.wait'));
    await logged;
    running.abort('cancelled');
    await running.ended;
    expect(await observe(single, taskWork('t.echo')).outcome).toMatchObject({ nodes: { n: { output: { calls: 2 } } } });
  });

  it('waits for a free thread, but not where its workflow has none and others have them all', async () => {
    const single = await createRunner(1);
    const endless = observe(single, taskWork('t.endless', null, {}, 'a'));
    await endless.logged;
    const waiting = observe(single, taskWork('t.echo', null, {}, 'a'));
    expect(await observe(single, taskWork('t.echo', null, {}, 'b')).outcome).toMatchObject({ status: 'completed' });
    expect(single.load()).toEqual({ running: 1, waiting: 1 });
    endless.running.abort('cancelled');
    expect(await waiting.outcome).toMatchObject({ status: 'completed' });
  });

  it('shares a processor with the others of a node that computes, not with those of one that waits', async () => {
    const few = await createRunner(3, 1);
    const mostAtOnce = async (nodeType: string) => {
      for (let i = 0; i < 2; i += 1) await observe(few, taskWork(nodeType, null, {}, nodeType)).outcome; // its node is known now
      let most = 0;
      const tasks = Array.from({ length: 6 }, () => observe(few, taskWork(nodeType, null, {}, nodeType)));
      for (const { logged } of tasks)
        void logged.then(() => {
          most = Math.max(most, few.load().running);
        });
      await Promise.all(tasks.map(({ outcome }) => outcome));
      return most;
    };
    expect(await mostAtOnce('t.compute')).toBe(1);
    expect(await mostAtOnce('t.rest')).toBe(3);
  });

  it('aborts what waits and what runs when it is closed', async () => {
    const single = await createRunner(1);
    const first = observe(single, taskWork('t.endless'));
    await first.logged;
    const second = observe(single, taskWork('t.echo'));
    await Promise.resolve(); // it stands in the queue now
    await single.close();
    await Promise.all([first.running.ended, second.running.ended]);
    expect([...first.outcomes, ...second.outcomes]).toEqual([]);
    expect(await observe(single, taskWork('t.echo')).outcome).toMatchObject({ error: { code: 'ENGINE_STOPPING' } });
  });
});
