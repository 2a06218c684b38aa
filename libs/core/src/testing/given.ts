import { expect } from 'vitest';
import type { Command, Signal } from '../commands.js';
import type { DecisionState, Input } from '../core-api.js';
import { decide } from '../decide.js';
import type { Decision, RefusalCode } from '../decision.js';
import type { Event, EventDraft } from '../events.js';
import { evolveExecution } from '../execution/evolve-execution.js';
import { initialExecutionState } from '../execution/execution-state.js';
import type { EpochMs, JsonObject } from '../json.js';
import type { Plan } from '../plan/plan.js';
import { evolveWorkflow } from '../workflow/evolve-workflow.js';
import { initialWorkflowState } from '../workflow/workflow-state.js';
import { testEnvironment } from './test-environment.js';

export const workflowId = 'w';
export const executionId = 'x';

/** Something that happened: a fact as it stands, or an input whose facts are taken as they come. */
export type Past = { readonly fact: EventDraft; readonly at?: EpochMs } | Input;

/** Both entities of one execution, with everything that was ever decided about them. */
export interface World extends DecisionState {
  readonly history: readonly Event[];
}

export const emptyWorld: World = { workflow: initialWorkflowState, execution: initialExecutionState, history: [] };

/** The draft as the runtime completes it, applied. */
export function applyDraft(world: World, draft: EventDraft, now: EpochMs): World {
  const entity = draft.entity === 'workflow' ? world.workflow : world.execution;
  const seq = entity.seq + 1;
  const at = Math.max(now, entity.lastAt);
  const place = { id: `${draft.entity}/${seq}`, workflowId, seq, at };
  if (draft.entity === 'workflow') {
    const event = { ...draft, ...place };
    return { ...world, workflow: evolveWorkflow(world.workflow, event), history: [...world.history, event] };
  }
  const event = { ...draft, ...place, executionId };
  return { ...world, execution: evolveExecution(world.execution, event), history: [...world.history, event] };
}

export function applyDecision(world: World, decision: Decision, now: EpochMs): World {
  if (decision.kind === 'refused') throw new Error(`refused: ${decision.refusal.code} ${decision.refusal.message}`);
  return decision.events.reduce((next, draft) => applyDraft(next, draft, now), world);
}

export function applyInput(world: World, input: Input): World {
  return applyDecision(world, decide(input, world, testEnvironment), input.now);
}

/** `given([...]).when(input).then([...])`: the facts named in `then` must come in this order, with at least these data. */
export function given(past: readonly Past[]) {
  const world = past.reduce<World>(
    (next, step) => ('fact' in step ? applyDraft(next, step.fact, step.at ?? 0) : applyInput(next, step)),
    emptyWorld,
  );
  return { world, when: (input: Input) => outcomeOf(world, input) };
}

function outcomeOf(world: World, input: Input) {
  const decision = decide(input, world, testEnvironment);
  return {
    decision,
    // biome-ignore lint/suspicious/noThenProperty: the house's specs read given, when, then; nobody awaits this
    then: (expected: readonly ExpectedEvent[]): World => {
      expect(decision.kind === 'refused' ? decision.refusal : decision.events.map(summary)).toEqual(expected.map(([type]) => type));
      const drafts = decision.kind === 'accepted' ? decision.events : [];
      for (const [index, [, data]] of expected.entries()) expect(drafts[index]?.data).toMatchObject(data ?? {});
      return applyDecision(world, decision, input.now);
    },
    thenResult: (result: JsonObject) => expect(decision).toMatchObject({ kind: 'accepted', result }),
    thenRefused: (code: RefusalCode, details?: JsonObject) =>
      expect(decision).toMatchObject({ kind: 'refused', refusal: { code, ...(details === undefined ? {} : { details }) } }),
  };
}

/** A fact's type and what its data must hold at least. */
export type ExpectedEvent = readonly [type: EventDraft['type'], data?: object];

function summary(draft: EventDraft): string {
  return draft.type;
}

type CommandData<Type extends Command['type']> = Extract<Command, { type: Type }>['data'];

/** A command of the one workflow. */
export function command<Type extends Command['type']>(
  type: Type,
  data: CommandData<Type>,
  now: EpochMs = 0,
): Extract<Command, { type: Type }> {
  return { type, commandId: `${type}-1`, workflowId, data, now } as unknown as Extract<Command, { type: Type }>;
}

type SignalFields<Kind extends Signal['type']> = Omit<Extract<Signal, { type: Kind }>, 'type' | 'workflowId' | 'executionId' | 'now'>;

/** A signal of the one execution. */
export function signal<Kind extends Signal['type']>(
  type: Kind,
  fields: SignalFields<Kind>,
  now: EpochMs = 0,
): Extract<Signal, { type: Kind }> {
  return { type, workflowId, executionId, now, ...fields } as unknown as Extract<Signal, { type: Kind }>;
}

/** The plan that the world's execution runs on. */
export function testPlan(world: World): Plan {
  const version = world.execution.status === 'notStarted' ? 1 : world.execution.version;
  const plan = testEnvironment.planOf(world.workflow, workflowId, version);
  if (plan === undefined) throw new Error(`version ${version} has no plan`);
  return plan;
}
