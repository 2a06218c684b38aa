import { describe, expect, it } from 'vitest';
import { done, graph, node, started } from '../testing/definitions.js';
import { command, executionId, given, signal } from '../testing/given.js';

const cancel = { ...command('CancelExecution', { executionId }, 50), reason: 'enough' };

describe('CancelExecution', () => {
  it('ends a running execution at once and cancels what is open', () => {
    const outcome = given(started(graph([node('a'), node('b', 'flow.signal', { name: 's' })]))).when(cancel);
    const world = outcome.then([
      ['ExecutionCancelRequested', { reason: 'enough' }],
      ['WorkflowCancelled', { reason: 'enough', duration: 50 }],
      ['ExecutionClosed', { status: 'cancelled' }],
    ]);
    outcome.thenResult({ workflowId: 'w', executionId, status: 'cancelled' });
    expect(world.execution).toMatchObject({
      outcome: 'cancelled',
      nodes: { a: { status: 'cancelled' }, b: { status: 'cancelled' } },
      openNodes: 0,
    });
    expect(world.workflow).toMatchObject({ runningCount: 0, lastExecution: { status: 'cancelled' } });
  });

  it('refuses what is unknown or has ended', () => {
    given([]).when(cancel).thenRefused('EXECUTION_NOT_FOUND');
    given([...started(graph([node('a')])), done('a')])
      .when(cancel)
      .thenRefused('EXECUTION_FINISHED', { status: 'completed' });
    given([...started(graph([node('a')])), cancel])
      .when(cancel)
      .thenRefused('EXECUTION_FINISHED', { status: 'cancelled' });
  });

  it('leaves late outcomes without effect', () => {
    given([...started(graph([node('a')])), cancel])
      .when(done('a'))
      .then([]);
    given([...started(graph([node('a')])), cancel])
      .when(signal('WakeUp', {}, 1e9))
      .then([]);
  });

  it('follows from the deletion of the workflow', () => {
    const byWorkflow = signal('ExecutionCancelRequestedByWorkflow', {});
    given(started(graph([node('a')])))
      .when(byWorkflow)
      .then([['ExecutionCancelRequested'], ['WorkflowCancelled'], ['ExecutionClosed']]);
    given([...started(graph([node('a')])), done('a')])
      .when(byWorkflow)
      .then([]);
  });
});
