import { describe, expect, it } from 'vitest';
import { done, edge, failed, graph, node, started } from '../testing/definitions.js';
import { executionId, given, signal, testPlan, type World, workflowId } from '../testing/given.js';
import { executionView } from './execution-view.js';

function view(world: World) {
  return executionView(workflowId, executionId, world.execution, testPlan(world));
}

describe('the view of an execution', () => {
  const definition = graph([node('b'), node('a'), node('s', 'flow.signal', { name: 'go on' })], [edge('a', 'b'), edge('b', 's')]);

  it('shows every node, pending ones included, in definition order', () => {
    const { world } = given([...started(definition, { n: 1 }, 1_000), done('a', 5, 3_000)]);
    expect(view(world)).toMatchObject({
      executionId,
      workflowId,
      version: 1,
      status: 'running',
      startTime: '1970-01-01T00:00:01.000Z',
      endTime: null,
      input: { n: 1 },
      output: null,
      waitingFor: { kind: 'node', since: '1970-01-01T00:00:03.000Z', detail: 'node b is running, attempt 1' },
      nodes: [
        { nodeId: 'b', status: 'running', attempts: 1, endTime: null, waitingFor: { kind: 'node' } },
        { nodeId: 'a', status: 'completed', duration: 2_000, output: 5, recordsIn: 0, recordsOut: 0 },
        { nodeId: 's', nodeType: 'flow.signal', status: 'pending', attempts: 0, startTime: null },
      ],
    });
  });

  it('says how a signal unblocks it', () => {
    const { world } = given([...started(definition), done('a'), done('b')]);
    expect(view(world)).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'signal', howToUnblock: `POST /api/v1/workflows/w/executions/${executionId}/signal/go%20on` },
    });
  });

  it('says when a timer or a retry is due', () => {
    const delayed = given(started(graph([node('d', 'flow.delay', { duration: '5s' })])));
    expect(view(delayed.world)).toMatchObject({ status: 'waiting', waitingFor: { kind: 'timer', until: '1970-01-01T00:00:05.000Z' } });
    const retried = given([...started(graph([node('a', 'test.step', {}, { retry: { maxAttempts: 2, jitter: 0 } })])), failed('a')]);
    expect(view(retried.world)).toMatchObject({
      status: 'waiting',
      nodes: [{ status: 'waiting', error: { code: 'BOOM' }, waitingFor: { kind: 'retry', until: '1970-01-01T00:00:01.000Z' } }],
    });
  });

  it('shows the error of a failed one with its node, and no reason to wait', () => {
    const { world } = given([...started(definition), failed('a', 9)]);
    expect(view(world)).toMatchObject({
      status: 'failed',
      duration: 9,
      error: { code: 'BOOM', nodeId: 'a' },
      reason: 'node a failed: it broke',
      nodes: [{ status: 'pending' }, { status: 'failed', error: { code: 'BOOM' } }, { status: 'pending' }],
    });
    expect(view(world)).not.toHaveProperty('waitingFor');
  });

  it('shows the first node of a stage as stopped where another one failed', () => {
    const stage = graph([node('s', 'test.source'), node('o', 'test.sink')], [edge('s', 'o')]);
    const outcome = {
      status: 'failed',
      error: { code: 'BAD', message: 'm', cause: { code: 'IO', message: 'disk' } },
      failedNodeId: 'o',
    } as const;
    const { world } = given([...started(stage), signal('NodeOutcomeReported', { unitId: 's', attempt: 1, outcome })]);
    expect(view(world)).toMatchObject({
      nodes: [
        { nodeId: 's', status: 'cancelled' },
        { nodeId: 'o', status: 'failed', error: { cause: { code: 'IO' } } },
      ],
    });
  });
});
