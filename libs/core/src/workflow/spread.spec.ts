import { describe, expect, it } from 'vitest';
import type { PlaceShard } from '../commands.js';
import { done, graph, node } from '../testing/definitions.js';
import { command, executionId, given } from '../testing/given.js';
import { sumStatus } from './sum-status.js';
import { maxOutbox } from './workflow-state.js';
import { workflowStatusView } from './workflow-status-view.js';

const definition = { ...graph([node('a')]), sharding: { strategy: 'execution' } };
const create = command('CreateWorkflow', { definition });
const update = command('UpdateWorkflow', { definition });
const remove = (force = false) => command('DeleteWorkflow', { force, drain: true });
const sent = (revision: number) => ({ type: 'OutboxSentReported', workflowId: 'w', now: 0, revision }) as const;
const execute = command('ExecuteWorkflow', { executionId });

const place = (revision: number, more: Partial<PlaceShard['data']> = {}) =>
  command('PlaceShard', { revision, begins: revision === 1, version: revision, definition, problemCount: 0, ...more });
const close = (revision: number, force = false) => command('CloseShard', { revision, force });

describe('a workflow whose executions are spread', () => {
  it('holds what its shards must be told, until that is sent (L12)', () => {
    const { world } = given([create, update, remove(true)]);
    expect(world.workflow).toMatchObject({
      status: 'deleted',
      sharding: 'execution',
      outbox: [
        { type: 'PlaceShard', revision: 1, begins: true, version: 1, definition },
        { type: 'PlaceShard', revision: 2, begins: false, version: 2 },
        { type: 'CloseShard', revision: 3, force: true },
      ],
    });
    given([create, update, remove(true)])
      .when(sent(2))
      .then([['OutboxSent', { revision: 2 }]]);
    expect(given([create, update, sent(1)]).world.workflow).toMatchObject({ outbox: [{ revision: 2 }] });
    expect(given([create, update, sent(2)]).world.workflow).not.toHaveProperty('outbox');
  });

  it('marks nothing twice, and nothing that it does not have', () => {
    for (const past of [[create, sent(1)], [], [command('CreateWorkflow', { definition: graph([node('a')]) })]])
      given(past).when(sent(1)).then([]);
  });

  it('keeps its strategy for good, also beyond a deletion', () => {
    const byWorkflow = graph([node('a')]);
    const fixed = { problems: [{ path: 'sharding.strategy', code: 'FIXED' }] };
    given([create])
      .when(command('UpdateWorkflow', { definition: byWorkflow }))
      .thenRefused('WORKFLOW_INVALID', fixed);
    given([create, remove()])
      .when(command('CreateWorkflow', { definition: byWorkflow }))
      .thenRefused('WORKFLOW_INVALID', fixed);
    const other = command('CreateWorkflow', { definition: byWorkflow });
    given([other]).when(update).thenRefused('WORKFLOW_INVALID', fixed);
    given([other, remove()]).when(create).thenRefused('WORKFLOW_INVALID', fixed);
    expect(given([create, remove(), create]).world.workflow).toMatchObject({ sharding: 'execution', outbox: [{}, {}, { begins: true }] });
  });

  it('takes no further change while too many wait to be sent', () => {
    const past = [create, ...Array.from({ length: maxOutbox - 1 }, () => update)];
    for (const input of [update, remove(), remove(true)]) given(past).when(input).thenRefused('RESOURCE_EXHAUSTED');
    given([...past, sent(1)])
      .when(update)
      .then([['WorkflowUpdated']]);
    given([...past, sent(1), remove()])
      .when(create)
      .thenRefused('RESOURCE_EXHAUSTED');
  });

  it('is deleted by force, with leave for what runs to end, or by a sender who has asked the other partitions', () => {
    const plain = command('DeleteWorkflow', {});
    given([create]).when(plain).thenRefused('INVALID_COMMAND');
    given([create, execute]).when(plain).thenRefused('WORKFLOW_HAS_RUNNING_EXECUTIONS', { runningCount: 1 });
    given([create, execute])
      .when({ ...plain, runningElsewhere: 2 })
      .thenRefused('WORKFLOW_HAS_RUNNING_EXECUTIONS', { runningCount: 3 });
    given([create])
      .when({ ...plain, runningElsewhere: 0 })
      .then([['WorkflowDeleted', { force: false }]]);
    const drained = given([create, execute])
      .when(remove())
      .then([['WorkflowDeleted', { force: false }]]);
    expect(drained.workflow).toMatchObject({ cancelRunning: false, runningCount: 1, versions: [{ version: 1 }] });
  });

  it('runs what lives on its own partition like any other', () => {
    given([create, execute])
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['WorkflowCompleted'], ['ExecutionClosed']]);
  });

  it('never runs a version that was stored when executions could not be spread', () => {
    const fact = { entity: 'workflow', type: 'WorkflowCreated', data: { definition, version: 1, problemCount: 1 } } as const;
    given([{ fact }])
      .when(execute)
      .thenRefused('WORKFLOW_INVALID', { problems: [{ path: 'sharding.strategy', code: 'FIXED' }] });
  });

  it('leaves a workflow that is not spread as it was', () => {
    const { workflow } = given([command('CreateWorkflow', { definition: graph([node('a')]) })]).world;
    for (const field of ['sharding', 'outbox', 'revision']) expect(workflow).not.toHaveProperty(field);
  });
});

describe('a shard', () => {
  it('is placed with a version, and counts and runs executions like a workflow', () => {
    const outcome = given([]).when(place(1));
    const world = outcome.then([['ShardPlaced', { revision: 1, version: 1, definition }]]);
    expect(world.workflow).toMatchObject({ status: 'active', revision: 1, lastVersion: 1, runningCount: 0 });
    expect(given([place(1), execute]).world.workflow).toMatchObject({ runningCount: 1, executionCount: 1 });
    given([place(1), execute])
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['WorkflowCompleted'], ['ExecutionClosed']]);
  });

  it('takes new versions, and keeps its counts', () => {
    const { workflow } = given([place(1), execute, place(4, { version: 2 })]).world;
    expect(workflow).toMatchObject({ revision: 4, lastVersion: 2, runningCount: 1, versions: [{ version: 1 }, { version: 2 }] });
  });

  it('does nothing for what it has heard already, or heard too late', () => {
    for (const late of [place(4), place(2), close(3), close(4)])
      given([place(1), place(4)])
        .when(late)
        .then([]);
    for (const late of [place(1), close(5)])
      given([place(1), close(5)])
        .when(late)
        .then([]);
    given([]).when(close(5)).then([]);
  });

  it('starts nothing once it is closed; what runs ends by itself, or is cancelled where that was by force', () => {
    const { workflow } = given([place(1), execute, close(3)]).world;
    expect(workflow).toMatchObject({ status: 'deleted', revision: 3, cancelRunning: false, runningCount: 1, versions: [{ version: 1 }] });
    given([place(1), close(3)])
      .when(execute)
      .thenRefused('WORKFLOW_NOT_FOUND');
    given([place(1), execute, close(3)])
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['WorkflowCompleted'], ['ExecutionClosed']]);
    expect(given([place(1), execute, close(3, true)]).world.workflow).toMatchObject({ cancelRunning: true });
  });

  it('begins anew when its workflow does, and still counts what runs of the earlier life', () => {
    const { workflow } = given([place(1), execute, close(3), place(4, { begins: true, version: 2 })]).world;
    expect(workflow).toMatchObject({ status: 'active', revision: 4, executionCount: 0, runningCount: 1, versions: [{}, { version: 2 }] });
  });

  it('is not placed where the workflow itself is', () => {
    for (const message of [place(1), close(1)]) given([create]).when(message).thenRefused('INVALID_COMMAND');
  });
});

describe('the status of a spread workflow', () => {
  const view = (past: Parameters<typeof given>[0]) => workflowStatusView('w', given(past).world.workflow);
  const run = (now: number) => command('ExecuteWorkflow', { executionId }, now);

  it('adds up what home and shards count', () => {
    const home = view([create, run(5), done('a', 1, 9)]);
    const shards = [view([place(1), run(7)]), view([place(1), run(3)]), view([place(1)])];
    expect(sumStatus(home, shards)).toEqual({
      workflowId: 'w',
      sharding: 'execution',
      state: 'running',
      executionCount: 3,
      running: 2,
      currentExecution: { executionId, status: 'running', startTime: 7, endTime: null },
      lastExecution: { executionId, status: 'completed', startTime: 5, endTime: 9 },
    });
  });

  it('is how the last of them ended, or draft', () => {
    const ended = view([place(1), run(5), command('CancelExecution', { executionId }, 20)]);
    expect(sumStatus(view([create, run(5), done('a', 1, 9)]), [ended])).toMatchObject({ state: 'idle', running: 0 });
    expect(sumStatus(view([create]), [view([place(1), run(5), done('a', 1, 9)])])).toMatchObject({ state: 'completed' });
    const draft = command('CreateWorkflow', { definition: { ...definition, nodes: [] } });
    expect(sumStatus(view([draft]), [view([place(1), run(5), done('a', 1, 9)])])).toMatchObject({ state: 'draft' });
  });
});
