import { describe, expect, it } from 'vitest';
import { edge, graph, node, started } from '../testing/definitions.js';
import { executionId, given, signal, testPlan, workflowId } from '../testing/given.js';
import { dispatchOf, react } from './react.js';
import { runningUnits, wakeAt } from './waiting.js';

const definition = graph(
  [
    node('src', 'test.source', {}, { retry: { maxAttempts: 2, jitter: 0 }, timeout: '1m' }),
    node('map', 'test.map'),
    node('out', 'test.sink'),
    node('t'),
  ],
  [edge('src', 'map'), edge('map', 'out'), edge('out', 't')],
);
const ended = signal('NodeOutcomeReported', {
  unitId: 'src',
  attempt: 1,
  outcome: {
    status: 'completed',
    nodes: {
      src: { recordsOut: 10, durationMs: 4 },
      map: { recordsIn: 10, recordsOut: 8, durationMs: 5 },
      out: { recordsIn: 8, output: { path: 'o.csv' }, durationMs: 6 },
    },
  },
});
const broken = (attempt: number, now: number) =>
  signal(
    'NodeOutcomeReported',
    { unitId: 'src', attempt, outcome: { status: 'failed', error: { code: 'BAD', message: 'm' }, failedNodeId: 'map' } },
    now,
  );
const progressed = signal('NodeProgressReported', { unitId: 'src', attempt: 1, checkpoint: { at: 3 } });

describe('a stage', () => {
  it('starts all its nodes as one unit, the first of which carries the time-out', () => {
    const { world } = given(started(definition));
    expect(world.execution).toMatchObject({
      nodes: { src: { status: 'running', timeoutAt: 60_000 }, map: { status: 'running', unitId: 'src' }, out: { unitId: 'src' } },
    });
    expect(runningUnits(world.execution)).toEqual([{ unitId: 'src', attempt: 1 }]);
    expect(wakeAt(world.execution)).toBe(60_000);
  });

  it('completes each node with its own counts and output', () => {
    given(started(definition))
      .when(ended)
      .then([
        ['NodeExecutionCompleted', { nodeId: 'src', recordsProcessed: 10, recordsOut: 10, duration: 4 }],
        ['NodeExecutionCompleted', { nodeId: 'map', recordsProcessed: 10, recordsIn: 10, recordsOut: 8 }],
        ['NodeExecutionCompleted', { nodeId: 'out', recordsProcessed: 8, output: { path: 'o.csv' } }],
        ['NodeExecutionStarted', { nodeId: 't' }],
      ]);
  });

  it('resumes its next attempt from the last checkpoint', () => {
    const { world } = given([...started(definition), progressed, broken(1, 5), signal('WakeUp', {}, 1_005)]);
    const unit = dispatchOf(world.execution, testPlan(world), { workflowId, executionId }, 'src');
    expect(unit).toMatchObject({ attempt: 2, checkpoint: { at: 3 }, timeoutAt: 61_005 });
    expect(unit?.nodes.map(({ id }) => id)).toEqual(['src', 'map', 'out']);
  });

  it('resumes from it after a loss too, and a loss after progress counts from one again', () => {
    const lost = (attempt: number) => signal('AttemptLostReported', { unitId: 'src', attempt });
    const { world } = given([...started(definition), lost(1), lost(2), { ...progressed, attempt: 3 }, lost(3)]);
    expect(world.execution).toMatchObject({ nodes: { src: { attempt: 4, lostCount: 1, checkpoint: { at: 3 } }, map: { attempt: 4 } } });
  });

  it('that times out fails at the node that it was in, and the others were only stopped', () => {
    const slow = graph([node('src', 'test.source', {}, { timeout: '1m' }), node('map', 'test.map')], [edge('src', 'map')]);
    const { world } = given([...started(slow), signal('WakeUp', { stagesAt: { src: 'map' } }, 60_000)]);
    expect(world.execution).toMatchObject({
      outcome: 'failed',
      failedNodeId: 'map',
      error: { code: 'TIMED_OUT', message: 'node map timed out: the attempt did not end in time' },
      nodes: { src: { status: 'failed', failedNodeId: 'map' }, map: { status: 'failed' } },
    });
    const aborts = world.history.flatMap((event) => react(event, world.execution, testPlan(world)));
    expect(aborts).toMatchObject([{ type: 'AbortUnit', unitId: 'src', reason: 'timed_out' }]);
  });

  it.each([{}, { stagesAt: {} }, { stagesAt: { src: 'elsewhere' } }])(
    'that times out fails at its first node where nobody knows more: %j',
    (known) => {
      const { world } = given([...started(definition), broken(1, 5), signal('WakeUp', {}, 1_005), signal('WakeUp', known, 61_005)]);
      expect(world.execution).toMatchObject({ outcome: 'failed', failedNodeId: 'src' });
    },
  );

  it('names the node that failed; the others were only stopped', () => {
    const { world } = given([...started(definition), broken(1, 5), signal('WakeUp', {}, 1_005), broken(2, 1_010)]);
    expect(world.execution).toMatchObject({
      outcome: 'failed',
      failedNodeId: 'map',
      nodes: { src: { status: 'failed', failedNodeId: 'map' }, map: { status: 'failed' }, out: { status: 'cancelled' } },
      openNodes: 0,
    });
  });

  it('takes its edges when onError says continue', () => {
    const lenient = graph(
      [node('src', 'test.source'), node('out', 'test.sink', {}, { onError: 'continue' }), node('t')],
      [edge('src', 'out'), edge('out', 't')],
    );
    given(started(lenient))
      .when(broken(1, 0))
      .then([
        ['NodeExecutionFailed', { nodeId: 'src', handledBy: 'continue' }],
        ['NodeExecutionStarted', { nodeId: 't' }],
      ]);
  });
});
