import { describe, expect, it } from 'vitest';
import { done, edge, failed, graph, node, started } from '../testing/definitions.js';
import { given, signal } from '../testing/given.js';
import { nextRetryAt } from './retry.js';
import { runningUnits, wakeAt } from './waiting.js';

const wakeUp = (now: number) => signal('WakeUp', {}, now);
const lost = (attempt: number) => signal('AttemptLostReported', { unitId: 'a', attempt });
const handedOff = (attempt: number) => signal('AttemptHandedOff', { unitId: 'a', attempt });
const policy = { maxAttempts: 3, initialInterval: '1s', jitter: 0 };
const retried = graph([node('a', 'test.step', {}, { retry: policy }), node('b')], [edge('a', 'b')]);
const hurried = graph([node('a', 'test.step', {}, { timeout: '30s' }), node('b')], [edge('a', 'b')]);

describe('retry', () => {
  it('waits, doubling, and gives up after the last attempt', () => {
    const first = given([...started(retried), failed('a', 100)]);
    expect(first.world.execution).toMatchObject({
      nodes: { a: { status: 'waiting', kind: 'retry', until: 1_100, lastError: { code: 'BOOM' } } },
    });
    expect(wakeAt(first.world.execution)).toBe(1_100);
    expect(runningUnits(first.world.execution)).toEqual([]);
    first.when(wakeUp(1_099)).then([]);
    first.when(wakeUp(1_100)).then([['NodeExecutionStarted', { nodeId: 'a', attempt: 2 }]]);
    const second = given([...started(retried), failed('a', 100), wakeUp(1_100), failed('a', 1_200, 2)]);
    expect(wakeAt(second.world.execution)).toBe(3_200);
    given([...started(retried), failed('a', 100), wakeUp(1_100), failed('a', 1_200, 2), wakeUp(3_200)])
      .when(failed('a', 3_300, 3))
      .then([
        ['NodeExecutionFailed', { attempt: 3 }],
        ['WorkflowFailed', { failedNodeId: 'a' }],
        ['ExecutionClosed', { status: 'failed' }],
      ]);
  });

  it('succeeds on a later attempt', () => {
    given([...started(retried), failed('a', 100), wakeUp(1_100)])
      .when(done('a', 1, 1_200, 2))
      .then([
        ['NodeExecutionCompleted', { attempt: 2 }],
        ['NodeExecutionStarted', { nodeId: 'b' }],
      ]);
  });

  it('is a pure function of policy, attempt, error and time', () => {
    const plan = { maxAttempts: 5, initialIntervalMs: 1_000, multiplier: 2, maxIntervalMs: 3_000, jitter: 0.5, nonRetryable: ['NEVER'] };
    const attempt = { failedCount: 2, error: { code: 'X', message: '' }, at: 10_000, seed: 'x/a/2' };
    const due = nextRetryAt(plan, attempt) ?? 0;
    expect(due).toBeGreaterThanOrEqual(11_000);
    expect(due).toBeLessThanOrEqual(13_000);
    expect(nextRetryAt(plan, attempt)).toBe(due);
    expect(nextRetryAt(plan, { ...attempt, seed: 'x/a/3' })).not.toBe(due);
    expect(nextRetryAt({ ...plan, jitter: 0 }, { ...attempt, failedCount: 4 })).toBe(13_000);
    expect(nextRetryAt(plan, { ...attempt, error: { code: 'NEVER', message: '' } })).toBeUndefined();
    expect(nextRetryAt(plan, { ...attempt, error: { code: 'X', message: '', retryable: false } })).toBeUndefined();
    expect(nextRetryAt(plan, { ...attempt, failedCount: 5 })).toBeUndefined();
  });
});

describe('time', () => {
  it('never runs backwards within an execution', () => {
    given([...started(retried, undefined, 500)])
      .when(failed('a', 100))
      .then([['NodeExecutionFailed', { duration: 0, willRetryAt: 1_500 }]]);
  });
});

describe('time-outs', () => {
  it('fail the attempt at its time', () => {
    const running = given(started(hurried, undefined, 1_000));
    expect(wakeAt(running.world.execution)).toBe(31_000);
    running.when(wakeUp(30_999)).then([]);
    running.when(wakeUp(31_000)).then([['NodeExecutionFailed', { error: { code: 'TIMED_OUT' } }], ['WorkflowFailed'], ['ExecutionClosed']]);
  });

  it('are tried again like any failure, with a new time-out', () => {
    const both = graph([node('a', 'test.step', {}, { timeout: 30, retry: policy })]);
    const { world } = given([...started(both), wakeUp(30_000), wakeUp(31_000)]);
    expect(world.execution).toMatchObject({ nodes: { a: { status: 'running', attempt: 2, timeoutAt: 61_000 } } });
  });

  it('ignore the outcome that comes after them', () => {
    const both = graph([node('a', 'test.step', {}, { timeout: 30, retry: policy })]);
    given([...started(both), wakeUp(30_000)])
      .when(done('a', 1, 30_001))
      .then([]);
  });
});

describe('lost attempts', () => {
  it('begin again at once without counting towards the retries', () => {
    given(started(retried))
      .when(lost(1))
      .then([
        ['NodeAttemptLost', { lostCount: 1 }],
        ['NodeExecutionStarted', { nodeId: 'a', attempt: 2 }],
      ]);
    const { world } = given([...started(retried), lost(1), lost(2), failed('a', 0, 3)]);
    expect(world.execution).toMatchObject({ nodes: { a: { status: 'waiting', failedCount: 1, lostCount: 0 } } });
  });

  it('fail the node the third time in a row', () => {
    given([...started(retried), lost(1), lost(2)])
      .when(lost(3))
      .then([
        ['NodeAttemptLost', { lostCount: 3 }],
        ['NodeExecutionFailed', { error: { code: 'ATTEMPT_LOST' } }],
        ['WorkflowFailed'],
        ['ExecutionClosed'],
      ]);
  });

  it('count for nothing when their owner handed them off, and begin again on the next one', () => {
    given([...started(retried), lost(1), lost(2), handedOff(3)])
      .when(lost(3))
      .then([['NodeExecutionStarted', { nodeId: 'a', attempt: 4 }]]);
    const { world } = given([...started(retried), lost(1), lost(2), handedOff(3), lost(3)]);
    expect(world.execution).toMatchObject({ nodes: { a: { status: 'running', attempt: 4, lostCount: 2 } } });
    expect(world.execution).not.toHaveProperty('nodes.a.handedOff');
  });

  it('are over when they were handed off, whatever they report', () => {
    const timed = graph([node('a', 'test.step', {}, { timeout: 30, retry: policy })]);
    for (const late of [done('a'), failed('a', 0, 1), wakeUp(60_000), handedOff(1)])
      given([...started(timed), handedOff(1)])
        .when(late)
        .then([]);
  });

  it('are not reported twice', () => {
    given([...started(retried), lost(1)])
      .when(lost(1))
      .then([]);
  });
});

describe('reports that do not concern the open attempt', () => {
  it('change nothing', () => {
    given([...started(retried), done('a')])
      .when(done('a', 5))
      .then([]);
    given(started(retried))
      .when(done('a', 5, 0, 2))
      .then([]);
    given(started(retried)).when(done('b')).then([]);
    given(started(retried)).when(done('nobody')).then([]);
    given([]).when(done('a')).then([]);
    given(started(retried))
      .when(signal('NodeProgressReported', { unitId: 'a', attempt: 4, checkpoint: 1 }))
      .then([]);
  });
});
