import { describe, expect, it } from 'vitest';
import { decide } from '../decide.js';
import { done, edge, graph, node, started } from '../testing/definitions.js';
import { command, executionId, given, workflowId } from '../testing/given.js';
import { testEnvironment } from '../testing/test-environment.js';
import { initialExecutionState } from './execution-state.js';

const linear = graph([node('a'), node('b')], [edge('a', 'b')]);
const create = command('CreateWorkflow', { definition: linear });
const execute = command('ExecuteWorkflow', { executionId, input: { n: 1 } }, 5);

describe('ExecuteWorkflow', () => {
  it('starts the first units, with the reply derivable from the first fact', () => {
    const outcome = given([create]).when(execute);
    outcome.then([
      ['WorkflowStarted', { workflowName: 'Test', version: 1, totalNodes: 2, input: { n: 1 } }],
      ['ExecutionOpened', { executionId, version: 1 }],
      ['NodeExecutionStarted', { nodeId: 'a', nodeType: 'test.step', attempt: 1 }],
    ]);
    outcome.thenResult({ workflowId, executionId, version: 1, status: 'started' });
  });

  it('carries the outputs along and ends with the last one', () => {
    given([create, execute, done('a', { n: 2 }, 7)])
      .when(done('b', { n: 3 }, 9))
      .then([
        ['NodeExecutionCompleted', { nodeId: 'b', duration: 2, output: { n: 3 } }],
        ['WorkflowCompleted', { duration: 4, completedNodes: 2, output: { n: 3 } }],
        ['ExecutionClosed', { executionId, status: 'completed', startedAt: 5 }],
      ]);
  });

  it('refuses an unknown workflow, an unknown version and a known execution', () => {
    given([]).when(execute).thenRefused('WORKFLOW_NOT_FOUND');
    given([create])
      .when(command('ExecuteWorkflow', { executionId, version: 7 }))
      .thenRefused('VERSION_NOT_FOUND', { version: 7 });
    given([create, execute]).when(execute).thenRefused('EXECUTION_EXISTS');
  });

  it('refuses a draft with its problems', () => {
    const draft = command('CreateWorkflow', { definition: graph([node('a', 'test.stap')]) });
    const { decision } = given([draft]).when(execute);
    expect(decision).toMatchObject({
      refusal: { code: 'WORKFLOW_INVALID', details: { problems: [{ path: 'nodes[0].nodeType', code: 'UNKNOWN_NODE_TYPE' }] } },
    });
  });

  it('refuses more executions at a time than the concurrency allows', () => {
    const limited = { ...linear, concurrency: { max: 1, onLimit: 'reject' } };
    const first = given([command('CreateWorkflow', { definition: limited }), execute]).world;
    const second = decide(
      command('ExecuteWorkflow', { executionId: 'y' }),
      { ...first, execution: initialExecutionState },
      testEnvironment,
    );
    expect(second).toMatchObject({ kind: 'refused', refusal: { code: 'RESOURCE_EXHAUSTED', details: { runningCount: 1, max: 1 } } });
  });

  it('runs the version named, while newer ones exist', () => {
    const update = command('UpdateWorkflow', { definition: graph([node('c')]) });
    const named = command('ExecuteWorkflow', { executionId, version: 1 });
    given([create, update])
      .when(named)
      .then([['WorkflowStarted'], ['ExecutionOpened', { version: 1 }], ['NodeExecutionStarted', { nodeId: 'a' }]]);
    given([create, update])
      .when(execute)
      .then([['WorkflowStarted'], ['ExecutionOpened', { version: 2 }], ['NodeExecutionStarted', { nodeId: 'c' }]]);
  });

  it('stays on its version when the definition changes meanwhile', () => {
    const update = command('UpdateWorkflow', { definition: graph([node('a')]) });
    given([create, execute, update])
      .when(done('a'))
      .then([['NodeExecutionCompleted'], ['NodeExecutionStarted', { nodeId: 'b' }]]);
  });

  it('starts every node without incoming edges', () => {
    const { world } = given(started(graph([node('a'), node('b'), node('constructor')])));
    expect(Object.keys(world.execution.status === 'running' ? world.execution.nodes : {})).toEqual(['a', 'b', 'constructor']);
  });
});
