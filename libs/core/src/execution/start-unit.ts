import type { ControlStep } from '../control/control-node.js';
import { controlNodeOf } from '../control/control-nodes.js';
import { assertNever, type EpochMs } from '../json.js';
import type { Plan, PlanNode, PlanUnit } from '../plan/plan.js';
import { completeUnit, failUnit, type UnitStep } from './end-unit.js';
import type { ExecutionTurn } from './execution-turn.js';
import { nodeStateOf } from './node-states.js';
import { inputOf, scopeOver } from './scope.js';

/** Starts the unit's next attempt. A control node is decided at once; tasks and stages are dispatched by `react` when this is confirmed. */
export function startUnit(turn: ExecutionTurn, plan: Plan, unit: PlanUnit): UnitStep {
  const attempt = startAttempt(turn, plan, unit);
  const node = unit.kind === 'control' ? plan.nodes.get(unit.id) : undefined;
  if (node === undefined) return 'open';
  return takeControlStep(turn, plan, unit, { node, attempt });
}

/** A control node whose timer is due: a delay is over; any other had only stood back (`maxInlineSteps`) and is decided now. */
export function resumeControl(turn: ExecutionTurn, plan: Plan, unit: PlanUnit, attempt: number): UnitStep {
  const node = plan.nodes.get(unit.id);
  if (node !== undefined && node.nodeType !== 'flow.delay') return takeControlStep(turn, plan, unit, { node, attempt });
  return completeUnit(turn, unit, { nodes: { [unit.id]: { output: inputOf(turn.state, plan, unit) } } });
}

/** The facts that an attempt begins, for each node of the unit; the first carries the time-out. */
function startAttempt(turn: ExecutionTurn, plan: Plan, unit: PlanUnit): number {
  const head = nodeStateOf(turn.state, unit.id);
  const attempt = head === undefined || head.status === 'skipped' ? 1 : head.attempt + 1;
  const timeoutAt = unit.timeoutMs === undefined || unit.kind === 'control' ? undefined : turn.at + unit.timeoutMs;
  for (const nodeId of unit.nodeIds) {
    const isHead = nodeId === unit.id;
    const place = isHead ? (timeoutAt === undefined ? {} : { timeoutAt }) : { unitId: unit.id };
    const nodeType = plan.nodes.get(nodeId)?.nodeType ?? '';
    turn.emit({ type: 'NodeExecutionStarted', data: { nodeId, nodeType, attempt, ...place } });
  }
  return attempt;
}

interface StartedControl {
  readonly node: PlanNode;
  readonly attempt: number;
}

function takeControlStep(turn: ExecutionTurn, plan: Plan, unit: PlanUnit, started: StartedControl): UnitStep {
  const { node } = started;
  const input = inputOf(turn.state, plan, unit);
  const scope = scopeOver(input, turn.state, turn.ids);
  const step = controlNodeOf(node.nodeType)?.decide({ config: node.config, expressions: node.expressions, input, scope, at: turn.at });
  if (step === undefined) throw new TypeError(`control node type without a decision: ${node.nodeType}`);
  const isInline = step.kind === 'completed' || step.kind === 'failed';
  if (isInline && !turn.mayStepInline()) return applyControlStep(turn, unit, { ...started, step: { kind: 'timer', until: turn.at } });
  return applyControlStep(turn, unit, { ...started, step });
}

function applyControlStep(
  turn: ExecutionTurn,
  unit: PlanUnit,
  { node, attempt, step }: StartedControl & { readonly step: ControlStep },
): UnitStep {
  switch (step.kind) {
    case 'completed': {
      const { output, handle } = step;
      return completeUnit(turn, unit, { nodes: { [node.id]: { output } }, ...(handle === undefined ? {} : { handle }) });
    }
    case 'failed':
      return failUnit(turn, unit, { error: step.error });
    case 'timer':
      turn.emit({ type: 'NodeWaiting', data: { nodeId: node.id, nodeType: node.nodeType, attempt, kind: 'timer', until: step.until } });
      return 'open';
    case 'signal': {
      const until = earlier(step.until, unit.timeoutMs === undefined ? undefined : turn.at + unit.timeoutMs);
      const deadline = until === undefined ? {} : { until };
      const wait = { nodeId: node.id, nodeType: node.nodeType, attempt, kind: 'signal', signal: step.name, ...deadline } as const;
      turn.emit({ type: 'NodeWaiting', data: wait });
      return takeKeptSignal(turn, unit, step.name);
    }
    default:
      return assertNever(step);
  }
}

function earlier(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** A signal that came before its wait is taken at once. */
function takeKeptSignal(turn: ExecutionTurn, unit: PlanUnit, name: string): UnitStep {
  const kept = turn.state.pendingSignals.find((signal) => signal.name === name);
  if (kept === undefined) return 'open';
  return completeUnit(turn, unit, { nodes: { [unit.id]: { output: kept.payload } } });
}
