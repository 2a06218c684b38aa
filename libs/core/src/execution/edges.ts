import { assertNever } from '../json.js';
import type { Plan, PlanEdge, PlanUnit } from '../plan/plan.js';
import type { ExecutionBody, NodeState } from './execution-state.js';
import { isOpenNode, nodeStateOf } from './node-states.js';

export type EdgeStatus = 'open' | 'taken' | 'untaken';

/** Whether an edge between units is decided, from the facts alone: conditions were evaluated once, when the source ended. */
export function edgeStatusOf(body: ExecutionBody, plan: Plan, edge: PlanEdge): EdgeStatus {
  const unitId = plan.nodes.get(edge.source)?.unitId ?? edge.source;
  const head = nodeStateOf(body, unitId);
  if (head === undefined) return 'open';
  switch (head.status) {
    case 'running':
    case 'waiting':
      return 'open';
    case 'skipped':
    case 'cancelled':
      return 'untaken';
    case 'failed':
      return head.handledBy === 'continue' ? leaves(edge, 'out', head.untaken) : 'untaken';
    case 'completed':
      return afterCompletion(edge, nodeStateOf(body, edge.source));
    default:
      return assertNever(head);
  }
}

function afterCompletion(edge: PlanEdge, source: NodeState | undefined): EdgeStatus {
  return source?.status === 'completed' ? leaves(edge, source.handle ?? 'out', source.untaken) : 'untaken';
}

function leaves(edge: PlanEdge, handle: string, untaken: readonly string[] | undefined): EdgeStatus {
  return edge.sourceHandle === handle && !untaken?.includes(edge.id) ? 'taken' : 'untaken';
}

/** Whether another unit's failure has sent the execution to this unit. */
export function gotoStatusOf(body: ExecutionBody, plan: Plan, sourceUnitId: string, unitId: string): EdgeStatus {
  const head = nodeStateOf(body, sourceUnitId);
  if (head === undefined || isOpenNode(head)) return 'open';
  if (head.status !== 'failed' || head.handledBy === undefined) return 'untaken';
  return plan.nodes.get(head.handledBy)?.unitId === unitId ? 'taken' : 'untaken';
}

/** What a pending unit may do now. `tooFew`: a merge by count whose edges are all decided, too few of them taken. */
export type Readiness = 'wait' | 'start' | 'skip' | 'tooFew';

/**
 * A unit starts when every way into it is decided and one is taken; when none is, it is skipped, so that joins never hang.
 * A flow.merge may start earlier, or need more.
 */
export function readinessOf(body: ExecutionBody, plan: Plan, unit: PlanUnit): Readiness {
  const needed = mergeNeed(plan, unit);
  let taken = 0;
  let open = 0;
  for (const status of waysInto(body, plan, unit)) {
    if (status === 'taken') taken += 1;
    else if (status === 'open') open += 1;
    if (open > 0 && needed === undefined) return 'wait';
    if (needed !== undefined && taken >= needed) return 'start';
  }
  if (open > 0) return 'wait';
  if (taken === 0) return 'skip';
  return needed === undefined ? 'start' : 'tooFew';
}

function* waysInto(body: ExecutionBody, plan: Plan, unit: PlanUnit): Generator<EdgeStatus> {
  for (const edge of unit.incoming) yield edgeStatusOf(body, plan, edge);
  for (const source of plan.gotoSources.get(unit.id) ?? []) yield gotoStatusOf(body, plan, source, unit.id);
}

/** How many taken edges let a flow.merge start early; undefined: it waits for all to be decided. */
function mergeNeed(plan: Plan, unit: PlanUnit): number | undefined {
  if (unit.kind !== 'control') return undefined;
  const node = plan.nodes.get(unit.id);
  if (node?.nodeType !== 'flow.merge') return undefined;
  if (node.config.mode === 'any') return 1;
  return node.config.mode === 'count' && typeof node.config.count === 'number' ? node.config.count : undefined;
}
