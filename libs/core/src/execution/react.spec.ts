import { describe, expect, it } from 'vitest';
import type { Action } from '../core-api.js';
import { done, edge, failed, graph, node, started } from '../testing/definitions.js';
import { command, executionId, given, signal, testPlan, type World, workflowId } from '../testing/given.js';
import { leftUnits } from './left-units.js';
import { react } from './react.js';

function actions(world: World, from: number): readonly Action[] {
  return world.history.slice(from).flatMap((event) => react(event, world.execution, testPlan(world)));
}

describe('react', () => {
  it('dispatches a started task with its input and what expressions see', () => {
    const definition = graph([node('a'), node('b')], [edge('a', 'b')]);
    const { world } = given([...started(definition, { n: 1 }), done('a', { m: 2 })]);
    const dispatches = actions(world, 0);
    expect(dispatches).toHaveLength(1); // a has ended meanwhile
    expect(dispatches[0]).toMatchObject({ type: 'DispatchUnit', workflowId, executionId, attempt: 1, unit: { id: 'b' }, input: { m: 2 } });
    expect(dispatches[0]).toHaveProperty('scope.nodes.a.output', { m: 2 });
    expect(structuredClone((dispatches[0] as { scope: object }).scope)).toEqual({
      input: { n: 1 },
      execution: { id: executionId, workflowId, startedAt: 0 },
      nodes: { a: { output: { m: 2 } } },
    });
  });

  it('gives a first node the input of the execution and a join an object of outputs', () => {
    const definition = graph([node('a'), node('b'), node('j')], [edge('a', 'j'), edge('b', 'j')]);
    expect(actions(given(started(definition, 'in')).world, 0)).toMatchObject([{ input: 'in' }, { input: 'in' }]);
    expect(actions(given([...started(definition), done('a', 1), done('b', 2)]).world, 0)).toMatchObject([
      { unit: { id: 'j' }, input: { a: 1, b: 2 } },
    ]);
  });

  it('dispatches a stage once', () => {
    const definition = graph([node('s', 'test.source'), node('o', 'test.sink')], [edge('s', 'o')]);
    expect(actions(given(started(definition)).world, 0)).toMatchObject([{ unit: { id: 's', kind: 'stage', nodeIds: ['s', 'o'] } }]);
  });

  it('dispatches only the newest attempt where one append started two', () => {
    const { world } = given([...started(graph([node('a')])), signal('AttemptLostReported', { unitId: 'a', attempt: 1 })]);
    expect(actions(world, 0)).toMatchObject([{ type: 'DispatchUnit', attempt: 2 }]);
  });

  it('aborts an attempt that timed out', () => {
    const definition = graph([node('a', 'test.step', {}, { timeout: '1s' })]);
    const { world } = given([...started(definition), signal('WakeUp', {}, 1_000)]);
    expect(actions(world, 4)).toEqual([{ type: 'AbortUnit', executionId, unitId: 'a', attempt: 1, reason: 'timed_out' }]);
  });

  it('aborts what still ran when the execution ended, waits of control nodes aside', () => {
    const definition = graph([node('a'), node('b'), node('d', 'flow.delay', { duration: '1h' })]);
    const failing = given([...started(definition), failed('a')]).world;
    expect(actions(failing, 0)).toEqual([{ type: 'AbortUnit', executionId, unitId: 'b', attempt: 1, reason: 'cancelled' }]);
    const cancelled = given([...started(definition), command('CancelExecution', { executionId })]).world;
    expect(actions(cancelled, 0)).toMatchObject([{ unitId: 'a' }, { unitId: 'b' }]);
  });

  it('cancels the executions of a workflow deleted by force', () => {
    const { world } = given([...started(graph([node('a')])), command('DeleteWorkflow', { force: true })]);
    expect(actions(world, 4)).toEqual([{ type: 'CancelExecutionsOfWorkflow', workflowId }]);
  });
});

describe('what an ended execution may have left', () => {
  const definition = graph([node('s', 'test.source'), node('o', 'test.sink'), node('t')], [edge('s', 'o')]);
  const left = ({ world }: { world: World }) => leftUnits(world.execution, testPlan(world), { workflowId, executionId });

  it('is what its stages left that did not complete', () => {
    const units = left(given([...started(definition), command('CancelExecution', { executionId })]));
    expect(units).toMatchObject([{ workflowId, executionId, unitId: 's', nodes: [{ id: 's' }, { id: 'o' }] }]);
  });

  it('is nothing while it has not ended, and nothing of what completed', () => {
    expect(left(given(started(definition)))).toEqual([]);
    expect(left(given([...started(definition), done('s', 1), failed('t')]))).toEqual([]);
  });
});
