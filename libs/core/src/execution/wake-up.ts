import type { NodeError, WakeUp } from '../commands.js';
import type { CoreEnvironment, DecisionState } from '../core-api.js';
import { accept, type Decision } from '../decision.js';
import type { EpochMs } from '../json.js';
import type { Plan, PlanUnit } from '../plan/plan.js';
import { advance } from './advance.js';
import { failUnit, type UnitStep } from './end-unit.js';
import { beginTurn, isRunning, planOfRunning } from './execution-decision.js';
import type { ExecutionBody, NodeState } from './execution-state.js';
import type { ExecutionTurn } from './execution-turn.js';
import { nodeStateOf } from './node-states.js';
import { resumeControl, startUnit } from './start-unit.js';
import { dueAt } from './waiting.js';

/** Fires every timer that is due at the input's `now`, earliest first. With none due nothing changes. */
export function decideWakeUp(signal: WakeUp, state: DecisionState, env: CoreEnvironment): Decision {
  const { execution } = state;
  if (!isRunning(execution)) return accept();
  const due = dueUnits(execution, signal.now);
  if (due.length === 0) return accept();
  const plan = planOfRunning(signal.workflowId, execution.version, state, env);
  const turn = beginTurn(signal, execution);
  for (const { unitId, attempt } of due) {
    const unit = plan.units.get(unitId);
    const node = nodeStateOf(turn.state, unitId);
    // An earlier timer of this decision may have ended the execution or moved this node on.
    if (unit === undefined || turn.isOver || node === undefined || !isStill(node, attempt)) continue;
    if (fire(turn, plan, unit, { node, stageAt: signal.stagesAt?.[unitId] }) === 'ended') advance(turn, plan, [unitId]);
  }
  return accept(turn.events);
}

interface DueUnit {
  readonly unitId: string;
  readonly attempt: number;
  readonly dueAt: EpochMs;
}

function dueUnits(body: ExecutionBody, now: EpochMs): readonly DueUnit[] {
  const due: DueUnit[] = [];
  for (const [unitId, node] of Object.entries(body.nodes)) {
    const at = dueAt(node);
    if (at !== undefined && at <= now && node.status !== 'skipped') due.push({ unitId, attempt: node.attempt, dueAt: at });
  }
  return due.sort((a, b) => a.dueAt - b.dueAt || (a.unitId < b.unitId ? -1 : 1));
}

function isStill(node: NodeState, attempt: number): boolean {
  return (node.status === 'running' || node.status === 'waiting') && node.attempt === attempt;
}

interface Due {
  readonly node: NodeState;
  /** The node that the stage was in. */
  readonly stageAt: string | undefined;
}

function fire(turn: ExecutionTurn, plan: Plan, unit: PlanUnit, { node, stageAt }: Due): UnitStep {
  if (node.status === 'waiting' && node.kind === 'timer') return resumeControl(turn, plan, unit, node.attempt);
  if (node.status === 'waiting' && node.kind === 'retry') return startUnit(turn, plan, unit);
  const failedNodeId = stageAt !== undefined && unit.nodeIds.includes(stageAt) ? stageAt : unit.id;
  return failUnit(turn, unit, { error: timedOut(failedNodeId, node), failedNodeId });
}

function timedOut(nodeId: string, node: NodeState): NodeError {
  const what = node.status === 'waiting' ? `no signal ${node.signal ?? ''} came` : 'the attempt did not end';
  return { code: 'TIMED_OUT', message: `node ${nodeId} timed out: ${what} in time` };
}
