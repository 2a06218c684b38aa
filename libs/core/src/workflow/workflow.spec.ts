import { describe, expect, it } from 'vitest';
import { done, graph, node, started } from '../testing/definitions.js';
import { command, executionId, given } from '../testing/given.js';
import { maxKeptVersions } from './workflow-state.js';
import { workflowStatusView } from './workflow-status-view.js';

const definition = graph([node('a')]);
const draft = graph([node('a', 'nope')]);
const create = command('CreateWorkflow', { definition });
const update = command('UpdateWorkflow', { definition });
const remove = (force?: boolean) => command('DeleteWorkflow', force === undefined ? {} : { force });

describe('CreateWorkflow', () => {
  it('stores the definition as given', () => {
    const outcome = given([]).when(create);
    outcome.then([['WorkflowCreated', { definition, version: 1, problemCount: 0 }]]);
    outcome.thenResult({ workflowId: 'w', version: 1, problemCount: 0, problems: [] });
  });

  it('refuses an id that exists or that contradicts the definition', () => {
    given([create]).when(create).thenRefused('WORKFLOW_EXISTS');
    given([])
      .when(command('CreateWorkflow', { definition: { ...definition, id: 'other' } }))
      .thenRefused('ID_MISMATCH');
    given([])
      .when(command('CreateWorkflow', { definition: { ...definition, id: 'w' } }))
      .then([['WorkflowCreated']]);
  });

  it('stores a draft with its problems, or refuses it when strict', () => {
    given([])
      .when(command('CreateWorkflow', { definition: draft }))
      .thenResult({ workflowId: 'w', version: 1, problemCount: 1, problems: [{ path: 'nodes[0].nodeType', code: 'UNKNOWN_NODE_TYPE' }] });
    given([])
      .when(command('CreateWorkflow', { definition: draft, strict: true }))
      .thenRefused('WORKFLOW_INVALID', { problems: [{ code: 'UNKNOWN_NODE_TYPE' }] });
  });

  it('goes on counting versions and events after a deletion', () => {
    const { world } = given([create, update, remove(), create]);
    expect(world.workflow).toMatchObject({ status: 'active', seq: 4, lastVersion: 3, executionCount: 0 });
  });
});

describe('UpdateWorkflow', () => {
  it('adds a version', () => {
    const outcome = given([create]).when(update);
    outcome.then([['WorkflowUpdated', { version: 2 }]]);
    given([]).when(update).thenRefused('WORKFLOW_NOT_FOUND');
    given([create, remove()]).when(update).thenRefused('WORKFLOW_NOT_FOUND');
  });

  it('keeps a bounded number of versions, and those that executions still run', () => {
    const many = Array.from({ length: maxKeptVersions + 5 }, () => update);
    const versionsOf = (past: Parameters<typeof given>[0]) => {
      const { workflow } = given(past).world;
      return workflow.status === 'active' ? workflow.versions.map(({ version }) => version) : [];
    };
    expect(versionsOf([create, ...many])).toEqual(Array.from({ length: maxKeptVersions }, (_, index) => index + 7));
    expect(versionsOf([...started(definition), ...many])).toHaveLength(maxKeptVersions + 1);
    expect(versionsOf([...started(definition), ...many, done('a')])).toHaveLength(maxKeptVersions);
  });
});

describe('DeleteWorkflow', () => {
  it('refuses while executions run, unless by force', () => {
    given(started(definition)).when(remove()).thenRefused('WORKFLOW_HAS_RUNNING_EXECUTIONS', { runningCount: 1 });
    const world = given(started(definition))
      .when(remove(true))
      .then([['WorkflowDeleted', { force: true }]]);
    expect(world.workflow).toMatchObject({ status: 'deleted', cancelRunning: true, runningCount: 1, versions: [{ version: 1 }] });
  });

  it('lets them end by themselves where it is told to', () => {
    const drained = given([...started(definition), command('DeleteWorkflow', { drain: true })]);
    expect(drained.world.workflow).toMatchObject({ status: 'deleted', cancelRunning: false, runningCount: 1 });
    drained.when(done('a')).then([['NodeExecutionCompleted'], ['WorkflowCompleted'], ['ExecutionClosed']]);
    given([create])
      .when(command('DeleteWorkflow', { drain: true }))
      .then([['WorkflowDeleted', { force: false }]]);
  });

  it('keeps what running executions need until they have ended', () => {
    const { world } = given([...started(definition), remove(true), command('CancelExecution', { executionId })]);
    expect(world.workflow).toMatchObject({ status: 'deleted', runningCount: 0, runningByVersion: {}, versions: [] });
    given([...started(definition), remove(true), create])
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['WorkflowCompleted'], ['ExecutionClosed']]);
  });

  it('refuses what does not exist', () => {
    given([]).when(remove()).thenRefused('WORKFLOW_NOT_FOUND');
    given([create, remove()]).when(remove()).thenRefused('WORKFLOW_NOT_FOUND');
    given([create, remove()]).when(command('ExecuteWorkflow', { executionId })).thenRefused('WORKFLOW_NOT_FOUND');
  });
});

describe('the status of a workflow', () => {
  const view = (past: Parameters<typeof given>[0]) => workflowStatusView('w', given(past).world.workflow);

  it('follows its executions', () => {
    expect(view([create])).toEqual({
      workflowId: 'w',
      state: 'idle',
      executionCount: 0,
      currentExecution: null,
      lastExecution: null,
      running: 0,
    });
    const summary = { executionId, startTime: 3 };
    expect(view(started(definition, undefined, 3))).toMatchObject({
      state: 'running',
      executionCount: 1,
      running: 1,
      currentExecution: { ...summary, status: 'running', endTime: null },
      lastExecution: null,
    });
    expect(view([...started(definition, undefined, 3), done('a', 1, 8)])).toMatchObject({
      state: 'completed',
      running: 0,
      currentExecution: null,
      lastExecution: { ...summary, status: 'completed', endTime: 8 },
    });
  });

  it('is draft while the newest version has problems', () => {
    expect(view([command('CreateWorkflow', { definition: draft })])).toMatchObject({ state: 'draft' });
  });
});
