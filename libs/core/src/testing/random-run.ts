import type { Input } from '../core-api.js';
import { nodeStateOf } from '../execution/node-states.js';
import { runningUnits, wakeAt } from '../execution/waiting.js';
import type { JsonObject } from '../json.js';
import { applyInput, command, emptyWorld, executionId, signal, type World } from './given.js';

/** How a run chooses: `next(n)` gives a number below n. */
export interface Choices {
  next(below: number): number;
}

/** A linear congruential generator: the same seed, the same run. */
export function seededChoices(seed: number): Choices {
  let state = seed >>> 0;
  return {
    next: (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    },
  };
}

/** Everything that could happen next to an unfinished execution without anybody starting something new; empty = it hangs. */
export function possibleInputs(world: World, now: number, kind: 'success' | 'anything', choices: Choices): readonly Input[] {
  const { execution } = world;
  if (execution.status !== 'running') return [];
  const inputs: Input[] = [];
  for (const { unitId, attempt } of runningUnits(execution)) {
    inputs.push(
      signal(
        'NodeOutcomeReported',
        { unitId, attempt, outcome: { status: 'completed', nodes: { [unitId]: { output: choices.next(3) } } } },
        now,
      ),
    );
    if (kind === 'anything') inputs.push(...troubles(unitId, attempt, now));
  }
  const due = wakeAt(execution);
  if (due !== undefined && (kind === 'anything' || !isTimeOutOnly(world))) inputs.push(signal('WakeUp', {}, Math.max(now, due)));
  for (const node of Object.values(execution.nodes)) {
    if (node.status === 'waiting' && node.kind === 'signal') {
      inputs.push(command('SignalExecution', { executionId, name: node.signal ?? '', payload: choices.next(3) }, now));
    }
  }
  return inputs;
}

/** With nothing but successes wanted, time-outs of running attempts are not waited for. */
function isTimeOutOnly({ execution }: World): boolean {
  if (execution.status === 'notStarted') return true;
  return !Object.keys(execution.nodes).some((id) => {
    const node = nodeStateOf(execution, id);
    return node?.status === 'waiting' && node.kind !== 'signal' && node.until !== undefined;
  });
}

function troubles(unitId: string, attempt: number, now: number): readonly Input[] {
  const outcome = { status: 'failed', error: { code: 'BOOM', message: 'm' } } as const;
  return [
    signal('NodeOutcomeReported', { unitId, attempt, outcome }, now),
    signal('AttemptLostReported', { unitId, attempt }, now),
    signal('NodeProgressReported', { unitId, attempt, checkpoint: { now } }, now),
    signal('NodeOutcomeReported', { unitId, attempt: attempt + 1, outcome }, now),
    command('SignalExecution', { executionId, name: 's0' }, now),
  ];
}

/** A run step by step: `step` sees the world before and after each input. Ends at rest, or after 200 inputs. */
export function randomRun(
  definition: JsonObject,
  kind: 'success' | 'anything',
  choices: Choices,
  step: (before: World, input: Input, after: World) => void = () => undefined,
): World {
  let world = applyInput(emptyWorld, command('CreateWorkflow', { definition }));
  world = taken(world, command('ExecuteWorkflow', { executionId }), step);
  for (let count = 1; count <= 200; count += 1) {
    const inputs = possibleInputs(world, count * 1_000, kind, choices);
    const isCancelled = kind === 'anything' && inputs.length > 0 && choices.next(30) === 0;
    const input = isCancelled ? command('CancelExecution', { executionId }, count * 1_000) : inputs[choices.next(inputs.length)];
    if (input === undefined) return world;
    world = taken(world, input, step);
  }
  return world;
}

function taken(before: World, input: Input, step: (before: World, input: Input, after: World) => void): World {
  const after = applyInput(before, input);
  step(before, input, after);
  return after;
}
