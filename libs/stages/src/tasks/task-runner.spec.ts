import { afterAll, describe, expect, it, vi } from 'vitest';
import { defineNode, type UserTask, type UserTaskContext } from '#nodes';
import { TaskRunner } from './task-runner.js';
import { observe, taskWork } from './testing/task-work.js';
import { createWorkRunner } from './work-runner.js';

function loopRunner(run: (context: UserTaskContext) => unknown): TaskRunner {
  const node: UserTask = defineNode({ nodeType: 'demo.task', kind: 'task', runOn: 'loop', run });
  return new TaskRunner({ userNodes: [{ node, url: 'file:///demo.mjs' }], concurrency: 1, memoryMb: 64 });
}

describe('a task on the loop', () => {
  afterAll(() => vi.useRealTimers());

  it('is told who it is and reports its result as the output of its node', async () => {
    const runner = loopRunner(async ({ config, input, executionId, workflowId, nodeId, attempt, idempotencyKey, log }) => {
      log('hello');
      return { config, input, executionId, workflowId, nodeId, attempt, idempotencyKey };
    });
    const { outcome, logs, running } = observe(runner, taskWork('demo.task', { n: 1 }, { who: 'you' }));
    expect(await outcome).toEqual({
      status: 'completed',
      nodes: {
        n: {
          output: {
            config: { who: 'you' },
            input: { n: 1 },
            executionId: 'e',
            workflowId: 'w',
            nodeId: 'n',
            attempt: 1,
            idempotencyKey: 'e/n/1',
          },
        },
      },
    });
    expect(logs).toEqual(['n: hello']);
    await running.ended;
  });

  it('never reports before start has returned, even when it is synchronous', async () => {
    const { outcomes, outcome } = observe(
      loopRunner(() => 1),
      taskWork('demo.task'),
    );
    expect(outcomes).toHaveLength(0);
    await outcome;
    expect(outcomes).toHaveLength(1);
  });

  it('gets its input by value and its config frozen', async () => {
    const input = { list: [1] };
    const config = { deep: { a: 1 } };
    const runner = loopRunner((context) => {
      (context.input as { list: number[] }).list.push(2);
      Object.assign(context.config.deep as object, { a: 2 });
    });
    const { outcome } = observe(runner, taskWork('demo.task', input, config));
    expect(await outcome).toMatchObject({ status: 'failed', error: { code: 'TypeError' } });
    expect(input).toEqual({ list: [1] });
    expect(config).toEqual({ deep: { a: 1 } });
  });

  it('has no output when it returns nothing', async () => {
    expect(
      await observe(
        loopRunner(() => undefined),
        taskWork('demo.task'),
      ).outcome,
    ).toEqual({ status: 'completed', nodes: { n: {} } });
  });

  it('fails when it throws, rejects or returns what is not JSON', async () => {
    const failed = (run: () => unknown) => observe(loopRunner(run), taskWork('demo.task')).outcome;
    const sync = await failed(() => {
      throw Object.assign(new Error('no'), { code: 'NOPE' });
    });
    expect(sync).toEqual({ status: 'failed', error: { code: 'NOPE', message: 'no' }, failedNodeId: 'n' });
    expect(await failed(() => Promise.reject(new RangeError('far')))).toMatchObject({ error: { code: 'RangeError', message: 'far' } });
    expect(await failed(() => ({ when: new Date() }))).toMatchObject({ error: { code: 'RESULT_NOT_JSON', retryable: false } });
  });

  it('reports nothing after an abort, and has ended once its code has', async () => {
    const seen: boolean[] = [];
    const runner = loopRunner(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(seen.push(signal.aborted)))),
    );
    const { running, outcomes } = observe(runner, taskWork('demo.task'));
    await Promise.resolve();
    running.abort('cancelled');
    await running.ended;
    expect(seen).toEqual([true]);
    expect(outcomes).toEqual([]);
  });

  it('does not even start when it is aborted at once', async () => {
    const run = vi.fn();
    const { running, outcomes } = observe(loopRunner(run), taskWork('demo.task'));
    running.abort('cancelled');
    await running.ended;
    expect(run).not.toHaveBeenCalled();
    expect(outcomes).toEqual([]);
  });

  it('is waited for a second at most when it ignores its signal', async () => {
    vi.useFakeTimers();
    const { running } = observe(
      loopRunner(() => new Promise(() => undefined)),
      taskWork('demo.task'),
    );
    await Promise.resolve();
    running.abort('timed_out');
    await vi.advanceTimersByTimeAsync(1_000);
    await running.ended;
    vi.useRealTimers();
  });

  it('fails with its name when the engine does not have it', async () => {
    const { outcome } = observe(
      loopRunner(() => 1),
      taskWork('demo.other'),
    );
    expect(await outcome).toMatchObject({
      status: 'failed',
      error: { code: 'NODE_TYPE_UNKNOWN', message: expect.stringContaining('demo.other') },
    });
  });
});

describe('the work runner', () => {
  const running = { abort: () => undefined, ended: Promise.resolve() };
  const runnerWith = (waiting: Readonly<Record<string, number>>) => ({
    start: vi.fn(() => running),
    load: () => ({ waiting: Object.values(waiting).reduce((sum, count) => sum + count, 0) }),
    waitingOf: (workflowId: string) => waiting[workflowId] ?? 0,
  });

  it('sends stages to one runner and tasks to the other', () => {
    const stages = runnerWith({});
    const tasks = runnerWith({});
    const runner = createWorkRunner({ stages, tasks }, { perWorkflow: 10, inAll: 10 });
    const listener = { progressed: async () => 'lost' as const, finished: () => undefined, log: () => undefined };
    const task = taskWork('demo.task');
    const stage = { ...task, unit: { ...task.unit, kind: 'stage' as const } };
    runner.start(task, listener);
    runner.start(stage, listener);
    expect(tasks.start).toHaveBeenCalledExactlyOnceWith(task, listener);
    expect(stages.start).toHaveBeenCalledExactlyOnceWith(stage, listener);
  });

  it('says what is too much: of one workflow, or in all', () => {
    const parts = { stages: runnerWith({ busy: 2, other: 1 }), tasks: runnerWith({ busy: 3 }) };
    const limited = createWorkRunner(parts, { perWorkflow: 5, inAll: 100 });
    expect(limited.overloaded?.('busy')).toContain('MILLRACE_MAX_QUEUED_PER_WORKFLOW');
    expect(limited.overloaded?.('other')).toBeUndefined();
    const full = createWorkRunner(parts, { perWorkflow: 100, inAll: 6 });
    expect(full.overloaded?.('other')).toContain('6 nodes wait for a slot in this engine already');
  });
});
