import { controlNodeOf } from '../control/control-nodes.js';
import type { EpochMs } from '../json.js';
import type { ExecutionBody, ExecutionState, NodeState } from './execution-state.js';
import { nodeStateOf } from './node-states.js';

/** Whether the execution has ended; nothing changes it any more. */
export function isFinished(state: ExecutionState): boolean {
  return state.status === 'finished';
}

/** When the earliest timer is due: waits with an end, retries, time-outs of running attempts. Undefined: none, or ended. */
export function wakeAt(state: ExecutionState): EpochMs | undefined {
  if (state.status === 'notStarted' || state.status === 'finished') return undefined;
  let earliest: EpochMs | undefined;
  for (const node of Object.values(state.nodes)) {
    const due = dueAt(node);
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** When a node's own timer is due. The nodes of a stage share their first node's. */
export function dueAt(node: NodeState): EpochMs | undefined {
  if (node.status === 'running') return node.unitId === undefined && !node.handedOff ? node.timeoutAt : undefined;
  return node.status === 'waiting' && node.unitId === undefined ? node.until : undefined;
}

/** Tasks and stages with an attempt that has started and not ended, or was handed off. */
export function runningUnits(state: ExecutionState): readonly { readonly unitId: string; readonly attempt: number }[] {
  if (state.status === 'notStarted' || state.status === 'finished') return [];
  const running: { unitId: string; attempt: number }[] = [];
  for (const [unitId, node] of Object.entries(state.nodes)) {
    if (node.status === 'running' && node.unitId === undefined && controlNodeOf(node.nodeType) === undefined) {
      running.push({ unitId, attempt: node.attempt });
    }
  }
  return running;
}

/** Those of them that the present owner may hear of: not those that were handed off. */
export function openAttempts(state: ExecutionState): ReturnType<typeof runningUnits> {
  if (state.status === 'notStarted' || state.status === 'finished') return [];
  return runningUnits(state).filter(({ unitId, attempt }) => isOpenAttempt(state, unitId, attempt));
}

/** Whether this is the unit's attempt that has started and not ended. */
export function isOpenAttempt(body: ExecutionBody, unitId: string, attempt: number): boolean {
  const node = nodeStateOf(body, unitId);
  return node?.status === 'running' && node.unitId === undefined && node.attempt === attempt && !node.handedOff;
}
