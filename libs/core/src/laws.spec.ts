import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input } from './core-api.js';
import { decide } from './decide.js';
import { compileDefinition } from './definition/compile-definition.js';
import type { Event, ExecutionEvent } from './events.js';
import { evolveExecution, foldExecution } from './execution/evolve-execution.js';
import { initialExecutionState } from './execution/execution-state.js';
import { isOpenNode } from './execution/node-states.js';
import { dispatchOf } from './execution/react.js';
import { runningUnits, wakeAt } from './execution/waiting.js';
import { resultOf } from './result.js';
import { command, emptyWorld, executionId, signal, testPlan, type World, workflowId } from './testing/given.js';
import { randomGraph } from './testing/random-graph.js';
import { possibleInputs, randomRun, seededChoices } from './testing/random-run.js';
import { testEnvironment } from './testing/test-environment.js';
import { evolveWorkflow } from './workflow/evolve-workflow.js';

const seed = fc.nat();
const validGraph = randomGraph.filter((definition) => compileDefinition(definition, testEnvironment).plan !== undefined);
const runs = { numRuns: 100 };

function fold(world: World, events: readonly Event[]): World {
  let { workflow, execution } = world;
  for (const event of events) {
    if (event.executionId === undefined) workflow = evolveWorkflow(workflow, event);
    else execution = evolveExecution(execution, event);
  }
  return { ...world, workflow, execution };
}

function isExecutionEvent(event: Event): event is ExecutionEvent {
  return event.executionId !== undefined;
}

function json<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

describe('laws of the core, on random graphs', { timeout: 60_000 }, () => {
  it('replay gives the live state, from events as they are stored', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        const live = randomRun(definition, 'anything', seededChoices(number));
        const replayed = fold(emptyWorld, json(live.history));
        expect(replayed.workflow).toEqual(live.workflow);
        expect(replayed.execution).toEqual(live.execution);
        expect(foldExecution(initialExecutionState, live.history.filter(isExecutionEvent))).toEqual(live.execution);
      }),
      runs,
    );
  });

  it('a snapshot at any point and the tail give the full fold', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        const { history } = randomRun(definition, 'anything', seededChoices(number));
        const full = fold(emptyWorld, history);
        const cut = number % (history.length + 1);
        const snapshot = json(fold(emptyWorld, history.slice(0, cut)));
        const restored = fold(snapshot, history.slice(cut));
        expect(restored.workflow).toEqual(full.workflow);
        expect(restored.execution).toEqual(full.execution);
      }),
      runs,
    );
  });

  it('a report repeated changes nothing, and a decision repeated is the same', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        randomRun(definition, 'anything', seededChoices(number), (before, input, after) => {
          expect(decide(input, json(before), testEnvironment)).toEqual(decide(input, before, testEnvironment));
          if (input.type !== 'NodeOutcomeReported' && input.type !== 'AttemptLostReported') return;
          expect(decide(input, after, testEnvironment)).toMatchObject({ kind: 'accepted', events: [] });
        });
      }),
      runs,
    );
  });

  it('a terminal state absorbs everything', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        const inputs: Input[] = [];
        const last = randomRun(definition, 'anything', seededChoices(number), (_, input) => inputs.push(input));
        fc.pre(last.execution.status === 'finished');
        const late = [...inputs, command('CancelExecution', { executionId }), signal('WakeUp', {}, 1e12)];
        for (const input of late) {
          const decision = decide(input, last, testEnvironment);
          expect(decision.kind === 'refused' || decision.events.length === 0).toBe(true);
        }
      }),
      runs,
    );
  });

  it('an execution whose units all succeed ends, with every node ended or skipped', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        const { execution, workflow } = randomRun(definition, 'success', seededChoices(number));
        expect(execution).toMatchObject({ status: 'finished', openNodes: 0 });
        expect(workflow).toMatchObject({ runningCount: 0, runningByVersion: {}, recentUnfinished: [] });
        if (execution.status !== 'finished' || execution.outcome !== 'completed') return;
        expect(Object.keys(execution.nodes)).toHaveLength(execution.totalNodes);
      }),
      runs,
    );
  });

  it('at rest an unfinished execution always has a named reason, and counts its open nodes right', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        randomRun(definition, 'anything', seededChoices(number), (_, __, { execution, history }) => {
          if (execution.status === 'notStarted') return;
          expect(execution.openNodes).toBe(Object.values(execution.nodes).filter(isOpenNode).length);
          if (execution.status === 'finished') return;
          const world = { workflow: emptyWorld.workflow, execution, history };
          expect(possibleInputs(world, 0, 'anything', seededChoices(0)).length).toBeGreaterThan(0);
        });
      }),
      runs,
    );
  });

  it('a wake-up at the time asked for always does something, and what runs can always be dispatched again', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        randomRun(definition, 'anything', seededChoices(number), (_, __, after) => {
          const due = wakeAt(after.execution);
          if (due !== undefined) {
            expect(decide(signal('WakeUp', {}, due - 1), after, testEnvironment)).toMatchObject({ kind: 'accepted', events: [] });
            const decision = decide(signal('WakeUp', {}, due), after, testEnvironment);
            expect(decision.kind === 'accepted' && decision.events.length > 0).toBe(true);
          }
          for (const { unitId, attempt } of runningUnits(after.execution)) {
            expect(dispatchOf(after.execution, testPlan(after), { workflowId, executionId }, unitId)).toMatchObject({ attempt });
          }
        });
      }),
      runs,
    );
  });

  it('any JSON is compiled to a plan or to problems, never to an exception', () => {
    const spoilt = fc.tuple(
      randomGraph,
      fc.jsonValue(),
      fc.nat(),
      fc.constantFrom('id', 'nodeType', 'config', 'retry', 'onError', 'timeout', 'source', 'target', 'condition'),
    );
    fc.assert(
      fc.property(spoilt, ([definition, value, index, key]) => {
        const spoil = (list: unknown): unknown =>
          Array.isArray(list) ? list.map((item, at) => (at === index % list.length ? { ...item, [key]: value } : item)) : list;
        for (const raw of [
          value,
          { nodes: value, edges: [] },
          { nodes: [value], edges: [value] },
          { ...definition, nodes: spoil(definition.nodes), edges: spoil(definition.edges) },
        ]) {
          const { plan, problems } = compileDefinition(raw, testEnvironment);
          expect(plan === undefined).toBe(problems.length > 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a node has one start per attempt and one end, sequence numbers have no holes, times never run backwards', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        const { history } = randomRun(definition, 'anything', seededChoices(number));
        const execution = history.filter((event) => event.executionId !== undefined);
        expect(execution.map(({ seq }) => seq)).toEqual(execution.map((_, index) => index + 1));
        for (const [index, event] of execution.entries()) expect(event.at).toBeGreaterThanOrEqual(execution[index - 1]?.at ?? 0);
        const marks = execution.flatMap(marksOf);
        expect(new Set(marks).size).toBe(marks.length);
      }),
      runs,
    );
  });

  it('the reply is derivable from the first fact', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        randomRun(definition, 'anything', seededChoices(number), (before, input, after) => {
          const first = after.history[before.history.length];
          const decision = decide(input, before, testEnvironment);
          if (first === undefined || decision.kind === 'refused' || !('commandId' in input)) return;
          expect(decision.result).toEqual(resultOf(first));
        });
      }),
      runs,
    );
  });

  it('a fact that does not fit moves only the sequence number and the time', () => {
    fc.assert(
      fc.property(validGraph, seed, (definition, number) => {
        const { history, execution } = randomRun(definition, 'anything', seededChoices(number));
        fc.pre(execution.status === 'finished');
        for (const event of history) {
          if (event.executionId === undefined) continue;
          const { seq: _, lastAt: __, ...before } = execution;
          const { seq, lastAt, ...after } = evolveExecution(execution, { ...event, seq: 999, at: 12 });
          expect({ after, seq, lastAt }).toEqual({ after: before, seq: 999, lastAt: 12 });
          if (event.type !== 'WorkflowStarted') expect(evolveExecution(initialExecutionState, event).status).toBe('notStarted');
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** What may happen once only. */
function marksOf(event: Event): readonly string[] {
  switch (event.type) {
    case 'NodeExecutionStarted':
      return [`start ${event.data.nodeId} ${event.data.attempt}`];
    case 'NodeExecutionCompleted':
      return [`end ${event.data.nodeId}`];
    case 'NodeSkipped':
      return event.data.nodeIds.flatMap((id) => [`end ${id}`, `start ${id} 1`]);
    case 'WorkflowStarted':
      return ['start'];
    case 'WorkflowCompleted':
    case 'WorkflowFailed':
    case 'WorkflowCancelled':
      return ['end'];
    default:
      return [];
  }
}
