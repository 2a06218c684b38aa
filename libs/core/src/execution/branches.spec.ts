import { describe, expect, it } from 'vitest';
import { done, edge, failed, graph, node, started } from '../testing/definitions.js';
import { given } from '../testing/given.js';
import type { ExecutionState } from './execution-state.js';
import { nodeStateOf } from './node-states.js';

function statuses(state: ExecutionState): Record<string, string> {
  if (state.status === 'notStarted') return {};
  return Object.fromEntries(Object.keys(state.nodes).map((id) => [id, nodeStateOf(state, id)?.status ?? 'pending']));
}

const diamond = graph([node('a'), node('b'), node('c'), node('d')], [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')]);

describe('fan-out and fan-in', () => {
  it('starts all branches at once and the join after the last', () => {
    given(started(diamond))
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['NodeExecutionStarted', { nodeId: 'b' }], ['NodeExecutionStarted', { nodeId: 'c' }]]);
    given([...started(diamond), done('a'), done('c')])
      .when(done('b'))
      .then([['NodeExecutionCompleted'], ['NodeExecutionStarted', { nodeId: 'd' }]]);
    given([...started(diamond), done('a')])
      .when(done('b'))
      .then([['NodeExecutionCompleted']]);
  });

  it('outputs one value per last node', () => {
    const forked = graph([node('a'), node('b'), node('c')], [edge('a', 'b'), edge('a', 'c')]);
    given([...started(forked), done('a', 1), done('b', 2)])
      .when(done('c', 3))
      .then([['NodeExecutionCompleted'], ['WorkflowCompleted', { output: { b: 2, c: 3 } }], ['ExecutionClosed']]);
  });

  it('outputs what the last node that ran gave, where nodes after it were skipped', () => {
    const branch = graph([node('a'), node('b')], [edge('a', 'b', 'output.go')]);
    given(started(branch))
      .when(done('a', { go: false }))
      .then([['NodeExecutionCompleted'], ['NodeSkipped'], ['WorkflowCompleted', { output: { go: false } }], ['ExecutionClosed']]);
  });
});

describe('edge conditions', () => {
  const conditional = graph(
    [node('a'), node('b'), node('c'), node('d')],
    [edge('a', 'b', 'n > 10'), edge('a', 'c', 'output.n == 1'), edge('b', 'd'), edge('c', 'd')],
  );

  it('take an edge when true and skip what only untaken ones lead to, so that the join does not hang', () => {
    const { world } = given([...started(conditional), done('a', { n: 1 }), done('c')]);
    expect(statuses(world.execution)).toEqual({ a: 'completed', b: 'skipped', c: 'completed', d: 'running' });
  });

  it('skip along and end the execution when nothing is taken', () => {
    const { world } = given([...started(conditional), done('a', { n: 5 })]);
    expect(statuses(world.execution)).toEqual({ a: 'completed', b: 'skipped', c: 'skipped', d: 'skipped' });
    expect(world.execution).toMatchObject({ status: 'finished', outcome: 'completed' });
  });

  it('see the execution input and earlier outputs', () => {
    const definition = graph(
      [node('a'), node('b'), node('c')],
      [edge('a', 'b', 'input.limit > 3'), edge('b', 'c', 'nodes.a.output.n == 9')],
    );
    const { world } = given([...started(definition, { limit: 4 }), done('a', { n: 9 }), done('b')]);
    expect(statuses(world.execution)).toMatchObject({ b: 'completed', c: 'running' });
  });

  it('fail their source where they cannot be evaluated or give no boolean', () => {
    const wrong = graph([node('a', 'test.step', {}, { retry: { maxAttempts: 5 } }), node('b')], [edge('a', 'b', 'no.such')]);
    given(started(wrong))
      .when(done('a', {}))
      .then([['NodeExecutionFailed', { nodeId: 'a', error: { code: 'EXPRESSION_FAILED' } }], ['WorkflowFailed'], ['ExecutionClosed']]);
    const number = graph([node('a'), node('b')], [edge('a', 'b', 'output')]);
    given(started(number))
      .when(done('a', 3))
      .then([['NodeExecutionFailed', { error: { code: 'EXPRESSION_FAILED' } }], ['WorkflowFailed'], ['ExecutionClosed']]);
  });
});

describe('flow.switch', () => {
  const cases = [
    { handle: 'big', condition: 'n > 10' },
    { handle: 'small', condition: 'n > 0' },
  ];
  const definition = (fallback: object) =>
    graph(
      [node('a'), node('s', 'flow.switch', { cases, ...fallback }), node('b'), node('c'), node('d')],
      [edge('a', 's'), edge('s:big', 'b'), edge('s:small', 'c'), ...('default' in fallback ? [edge('s:rest', 'd')] : [edge('a', 'd')])],
    );

  it('takes the first true case and hands its input on', () => {
    const { world } = given([...started(definition({ default: 'rest' })), done('a', { n: 5 })]);
    expect(statuses(world.execution)).toEqual({ a: 'completed', s: 'completed', b: 'skipped', c: 'running', d: 'skipped' });
    expect(world.execution).toMatchObject({ nodes: { s: { handle: 'small', output: { n: 5 } } } });
  });

  it('takes the default, or no edge at all', () => {
    expect(statuses(given([...started(definition({ default: 'rest' })), done('a', { n: -1 })]).world.execution)).toMatchObject({
      d: 'running',
      c: 'skipped',
    });
    expect(statuses(given([...started(definition({})), done('a', { n: -1 })]).world.execution)).toMatchObject({
      b: 'skipped',
      c: 'skipped',
      d: 'running',
    });
  });

  it('fails with EXPRESSION_FAILED where a case cannot be evaluated', () => {
    const { world } = given([...started(definition({})), done('a', {})]);
    expect(world.execution).toMatchObject({ outcome: 'failed', failedNodeId: 's', error: { code: 'EXPRESSION_FAILED' } });
  });
});

describe('flow.merge', () => {
  const merged = (config: object) =>
    graph(
      [node('a'), node('b'), node('c'), node('m', 'flow.merge', { ...config }), node('z')],
      [edge('a', 'm'), edge('b', 'm'), edge('c', 'm', 'output == 1'), edge('m', 'z')],
    );

  it('in mode any goes on with the first and ignores the others', () => {
    const early = given([...started(merged({ mode: 'any' })), done('b', 'first')]);
    expect(early.world.execution).toMatchObject({ nodes: { m: { status: 'completed', output: 'first' }, z: { status: 'running' } } });
    early.when(done('a', 'late')).then([['NodeExecutionCompleted', { nodeId: 'a' }]]);
  });

  it('in mode count waits for so many', () => {
    given([...started(merged({ mode: 'count', count: 2 })), done('b', 2)])
      .when(done('a', 1))
      .then([
        ['NodeExecutionCompleted'],
        ['NodeExecutionStarted', { nodeId: 'm' }],
        ['NodeExecutionCompleted', { output: { a: 1, b: 2 } }],
        ['NodeExecutionStarted'],
      ]);
  });

  it('in mode count fails when it can no longer be reached', () => {
    const { world } = given([...started(merged({ mode: 'count', count: 3 })), done('a'), done('b'), done('c', 2)]);
    expect(world.execution).toMatchObject({ outcome: 'failed', error: { code: 'MERGE_COUNT_NOT_REACHED' } });
  });

  it('in mode all waits for every edge to be decided', () => {
    const { world } = given([...started(merged({})), done('a', 1), done('b', 2), done('c', 3)]);
    expect(world.execution).toMatchObject({ nodes: { m: { output: { a: 1, b: 2 } } } });
  });
});

describe('onError', () => {
  it('continue: goes on with output null', () => {
    const definition = graph([node('a', 'test.step', {}, { onError: 'continue' }), node('b')], [edge('a', 'b')]);
    given(started(definition))
      .when(failed('a'))
      .then([
        ['NodeExecutionFailed', { handledBy: 'continue' }],
        ['NodeExecutionStarted', { nodeId: 'b' }],
      ]);
  });

  it('goto: leaves the own edges untaken and starts the target, which sees the error', () => {
    const definition = graph(
      [
        node('a', 'test.step', {}, { onError: { goto: 'h' } }),
        node('b'),
        node('h', 'flow.set', { values: { code: 'error.code', from: 'nodeId' } }),
        node('j'),
      ],
      [edge('a', 'b'), edge('b', 'j'), edge('h', 'j')],
    );
    const { world } = given([...started(definition), failed('a')]);
    expect(statuses(world.execution)).toEqual({ a: 'failed', b: 'skipped', h: 'completed', j: 'running' });
    expect(world.execution).toMatchObject({ nodes: { h: { output: { code: 'BOOM', from: 'a' } } } });
  });

  it('goto: skips the target when nothing failed, so that joins behind it do not hang', () => {
    const definition = graph(
      [node('a', 'test.step', {}, { onError: { goto: 'h' } }), node('h'), node('j')],
      [edge('a', 'j'), edge('h', 'j')],
    );
    const { world } = given([...started(definition), done('a')]);
    expect(statuses(world.execution)).toEqual({ a: 'completed', h: 'skipped', j: 'running' });
  });

  it('goto: keeps a target that has edges of its own waiting until the goto is decided', () => {
    const definition = graph([node('a', 'test.step', {}, { onError: { goto: 'h' } }), node('b'), node('h')], [edge('b', 'h')]);
    given(started(definition))
      .when(done('b'))
      .then([['NodeExecutionCompleted']]);
    given([...started(definition), done('b')])
      .when(failed('a'))
      .then([['NodeExecutionFailed'], ['NodeExecutionStarted', { nodeId: 'h' }]]);
    given([...started(definition), done('b')])
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['NodeExecutionStarted', { nodeId: 'h' }]]);
  });

  it('fail: ends the execution and cancels what still runs', () => {
    const definition = graph([node('a'), node('b')]);
    const { world } = given([...started(definition), failed('a')]);
    expect(statuses(world.execution)).toEqual({ a: 'failed', b: 'cancelled' });
    expect(world.execution).toMatchObject({ outcome: 'failed', failedNodeId: 'a', reason: 'node a failed: it broke', openNodes: 0 });
  });

  it('flow.fail fails on purpose', () => {
    const definition = graph([node('f', 'flow.fail', { message: 'enough', code: 'ENOUGH' }, { retry: { maxAttempts: 3 } })]);
    const { world } = given(started(definition));
    expect(world.execution).toMatchObject({ outcome: 'failed', error: { code: 'ENOUGH', message: 'enough' } });
  });
});
