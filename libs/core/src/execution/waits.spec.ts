import { describe, expect, it } from 'vitest';
import { done, edge, graph, node, started } from '../testing/definitions.js';
import { command, executionId, given, signal } from '../testing/given.js';
import { maxPendingSignals } from './execution-state.js';
import { runningUnits, wakeAt } from './waiting.js';

const send = (name: string, payload?: string, now = 0) =>
  command('SignalExecution', { executionId, name, ...(payload === undefined ? {} : { payload }) }, now);
const wakeUp = (now: number) => signal('WakeUp', {}, now);

describe('flow.delay', () => {
  const delayed = graph([node('a'), node('d', 'flow.delay', { duration: '30s' }), node('b')], [edge('a', 'd'), edge('d', 'b')]);

  it('waits for its time, then hands its input on', () => {
    const waiting = given([...started(delayed), done('a', 7, 1_000)]);
    expect(waiting.world.execution).toMatchObject({ nodes: { d: { status: 'waiting', kind: 'timer', until: 31_000 } } });
    expect(wakeAt(waiting.world.execution)).toBe(31_000);
    expect(runningUnits(waiting.world.execution)).toEqual([]);
    waiting.when(wakeUp(30_999)).then([]);
    waiting.when(wakeUp(31_000)).then([
      ['NodeExecutionCompleted', { nodeId: 'd', duration: 30_000, output: 7 }],
      ['NodeExecutionStarted', { nodeId: 'b' }],
    ]);
  });

  it('does not wait for a time that has passed', () => {
    const past = graph([node('d', 'flow.delay', { until: '1970-01-01T00:00:01Z' }), node('b')], [edge('d', 'b')]);
    expect(given(started(past, undefined, 5_000)).world.execution).toMatchObject({
      nodes: { d: { status: 'completed' }, b: { status: 'running' } },
    });
  });

  it('takes an expression for its time', () => {
    const computed = graph([node('d', 'flow.delay', { until: 'input.when' })]);
    expect(wakeAt(given(started(computed, { when: 9_000 })).world.execution)).toBe(9_000);
    expect(given(started(computed, { when: 'soon' })).world.execution).toMatchObject({
      outcome: 'failed',
      error: { code: 'EXPRESSION_FAILED' },
    });
  });

  it('fires all timers that are due in one decision', () => {
    const two = graph(
      [node('d', 'flow.delay', { duration: '1s' }), node('e', 'flow.delay', { duration: '2s' }), node('j')],
      [edge('d', 'j'), edge('e', 'j')],
    );
    given(started(two))
      .when(wakeUp(5_000))
      .then([
        ['NodeExecutionCompleted', { nodeId: 'd' }],
        ['NodeExecutionCompleted', { nodeId: 'e' }],
        ['NodeExecutionStarted', { nodeId: 'j' }],
      ]);
  });
});

describe('several timers in one decision', () => {
  it('fire nothing more once one of them has ended the execution', () => {
    const both = graph([node('a', 'test.step', {}, { timeout: '1s' }), node('d', 'flow.delay', { duration: '2s' })]);
    given(started(both))
      .when(wakeUp(5_000))
      .then([['NodeExecutionFailed', { nodeId: 'a' }], ['WorkflowFailed'], ['ExecutionClosed']]);
  });
});

describe('flow.signal', () => {
  const waiting = graph([node('s', 'flow.signal', { name: 'go', timeout: '1m' }), node('b')], [edge('s', 'b')]);

  it('takes the payload of its signal', () => {
    const outcome = given(started(waiting)).when(send('go', 'now', 5));
    outcome.then([
      ['SignalReceived', { name: 'go', payload: 'now' }],
      ['NodeExecutionCompleted', { output: 'now' }],
      ['NodeExecutionStarted'],
    ]);
    outcome.thenResult({ workflowId: 'w', executionId, signal: 'go' });
  });

  it('takes a signal that came before it', () => {
    const later = graph([node('a'), node('s', 'flow.signal', { name: 'go' })], [edge('a', 's')]);
    const early = given([...started(later), send('go', 'first'), send('other'), send('go', 'second')]);
    expect(early.world.execution).toMatchObject({ pendingSignals: [{ payload: 'first' }, { name: 'other' }, { payload: 'second' }] });
    const world = early
      .when(done('a'))
      .then([
        ['NodeExecutionCompleted', { nodeId: 'a' }],
        ['NodeExecutionStarted', { nodeId: 's' }],
        ['NodeWaiting', { kind: 'signal', signal: 'go' }],
        ['NodeExecutionCompleted', { output: 'first' }],
        ['WorkflowCompleted', { output: 'first' }],
        ['ExecutionClosed'],
      ]);
    expect(world.execution).toMatchObject({ pendingSignals: [{ name: 'other' }, { payload: 'second' }] });
  });

  it('wakes one wait per signal, the longest waiting first', () => {
    const two = graph([node('a'), node('s', 'flow.signal', { name: 'go' }), node('t', 'flow.signal', { name: 'go' })], [edge('a', 's')]);
    const { world } = given([...started(two), done('a', 1, 10), send('go', 'one', 20)]);
    expect(world.execution).toMatchObject({ nodes: { t: { status: 'completed' }, s: { status: 'waiting' } }, pendingSignals: [] });
  });

  it('times out', () => {
    given(started(waiting))
      .when(wakeUp(60_000))
      .then([['NodeExecutionFailed', { error: { code: 'TIMED_OUT' } }], ['WorkflowFailed'], ['ExecutionClosed']]);
  });

  it('refuses signals to unknown and ended executions, and too many that nothing waits for', () => {
    given([]).when(send('go')).thenRefused('EXECUTION_NOT_FOUND');
    given([...started(graph([node('a')])), done('a')])
      .when(send('go'))
      .thenRefused('EXECUTION_FINISHED', { status: 'completed' });
    const many = Array.from({ length: maxPendingSignals }, () => send('other'));
    given([...started(waiting), ...many])
      .when(send('other'))
      .thenRefused('RESOURCE_EXHAUSTED');
  });
});

describe('flow.set', () => {
  it('computes its values from the input and hands on literals', () => {
    const set = graph(
      [node('a'), node('s', 'flow.set', { values: { total: 'n', limit: 'input.limit', kind: '"x"', fixed: 5 } })],
      [edge('a', 's')],
    );
    const { world } = given([...started(set, { limit: 2 }), done('a', { n: 9 })]);
    expect(world.execution).toMatchObject({ outcome: 'completed', output: { total: 9, limit: 2, kind: 'x', fixed: 5 } });
  });
});

describe('a long chain of control nodes', () => {
  it('is decided in several decisions, each with a timer that is due at once', () => {
    const ids = Array.from({ length: 1_200 }, (_, index) => `n${index}`);
    const nodes = ids.map((id) => node(id, 'flow.set', { values: { x: 1 } }));
    const edges = ids.slice(1).map((id, index) => edge(`n${index}`, id));
    const first = given(started(graph(nodes, edges), undefined, 9));
    expect(first.world.execution).toMatchObject({
      status: 'running',
      openNodes: 1,
      nodes: { n500: { status: 'waiting', kind: 'timer', until: 9 } },
    });
    const last = given([...started(graph(nodes, edges), undefined, 9), wakeUp(9), wakeUp(10)]);
    expect(last.world.execution).toMatchObject({ outcome: 'completed', output: { x: 1 } });
  });
});
