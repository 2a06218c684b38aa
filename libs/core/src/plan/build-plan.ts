import type { DraftGraph } from '../definition/check-graph.js';
import type { DraftEdge, RoledNode } from '../definition/draft.js';
import { cycleText, orderGraph } from '../definition/graph-order.js';
import type { ProblemList } from '../definition/problems.js';
import type { CompiledExpression } from '../expressions.js';
import { groupUnits, type UnitGroups } from './group-units.js';
import type { Plan, PlanEdge, PlanNode, PlanUnit } from './plan.js';
import { unitPolicies } from './unit-policies.js';

/** A checked graph without cycles, and its compiled expressions. */
export interface PlanParts {
  readonly workflowId: string;
  readonly version: number;
  readonly name: string;
  readonly maxConcurrent: number | undefined;
  readonly graph: DraftGraph;
  /** Topological. */
  readonly order: readonly string[];
  readonly nodeExpressions: ReadonlyMap<string, ReadonlyMap<string, CompiledExpression>>;
  readonly conditions: ReadonlyMap<DraftEdge, CompiledExpression>;
}

/** Builds the graph of units, and finds the last problems: policies that contradict each other, stages that are left and entered again. */
export function buildPlan(parts: PlanParts, problems: ProblemList): Plan {
  const { graph, order, workflowId, version, name, maxConcurrent } = parts;
  const groups = groupUnits(graph, order);
  const units = buildUnits(parts, groups, problems);
  const gotoSources = gotoSourcesOf(units, groups);
  const successors = unitSuccessors(units, groups);
  const cut = orderGraph([...units.keys()], successors);
  if (!cut.ok) {
    const message = `a stage is left and entered again by way of other nodes: ${cycleText(cut.cycle)}; split it with a file or a task`;
    problems.add('edges', 'STAGE_CYCLE', message);
  }
  const nodes = new Map([...graph.nodes.values()].map((node) => [node.id, planNode(node, parts, groups)]));
  const startUnits = startUnitsOf(graph, units, groups, gotoSources);
  const limit = maxConcurrent === undefined ? {} : { maxConcurrent };
  return { workflowId, version, name, ...limit, nodes, units, startUnits, successors, gotoSources };
}

function planNode(node: RoledNode, { nodeExpressions }: PlanParts, { unitOf }: UnitGroups): PlanNode {
  const { id, nodeType, label, config, descriptor, policies } = node;
  return {
    id,
    nodeType,
    kind: descriptor.kind,
    runOn: descriptor.runOn,
    label,
    config,
    unitId: unitOf.get(id) ?? id,
    onRecordError: policies.onRecordError ?? 'fail',
    expressions: nodeExpressions.get(id) ?? new Map(),
  };
}

function buildUnits(parts: PlanParts, groups: UnitGroups, problems: ProblemList): ReadonlyMap<string, PlanUnit> {
  const { graph } = parts;
  const edges = edgesByUnit(parts, groups);
  const units = new Map<string, PlanUnit>();
  for (const [id, nodeIds] of groups.members) {
    const nodes = nodeIds.flatMap((nodeId) => graph.nodes.get(nodeId) ?? []);
    const kind = nodes[0]?.descriptor.kind;
    const own = edges.get(id) ?? { innerEdges: [], incoming: [], outgoing: [] };
    units.set(id, { id, kind: kind === 'control' || kind === 'task' ? kind : 'stage', nodeIds, ...own, ...unitPolicies(nodes, problems) });
  }
  return units;
}

interface UnitEdges {
  readonly innerEdges: PlanEdge[];
  readonly incoming: PlanEdge[];
  readonly outgoing: PlanEdge[];
}

function edgesByUnit({ graph, conditions }: PlanParts, { unitOf, members }: UnitGroups): ReadonlyMap<string, UnitEdges> {
  const byUnit = new Map<string, UnitEdges>();
  for (const id of members.keys()) byUnit.set(id, { innerEdges: [], incoming: [], outgoing: [] });
  for (const draft of graph.edges) {
    const edge = planEdge(draft, conditions.get(draft));
    const from = byUnit.get(unitOf.get(draft.source) ?? '');
    const to = byUnit.get(unitOf.get(draft.target) ?? '');
    if (from === to) from?.innerEdges.push(edge);
    else {
      from?.outgoing.push(edge);
      to?.incoming.push(edge);
    }
  }
  return byUnit;
}

function planEdge({ id, source, target, sourceHandle, targetHandle }: DraftEdge, condition: CompiledExpression | undefined): PlanEdge {
  return { id, source, target, sourceHandle, targetHandle, ...(condition === undefined ? {} : { condition }) };
}

function gotoSourcesOf(units: ReadonlyMap<string, PlanUnit>, { unitOf }: UnitGroups): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, string[]>();
  for (const unit of units.values()) {
    if (typeof unit.onError !== 'object') continue;
    const target = unitOf.get(unit.onError.goto) ?? unit.onError.goto;
    const known = sources.get(target);
    if (known === undefined) sources.set(target, [unit.id]);
    else known.push(unit.id);
  }
  return sources;
}

function unitSuccessors(units: ReadonlyMap<string, PlanUnit>, { unitOf }: UnitGroups): ReadonlyMap<string, readonly string[]> {
  const successors = new Map<string, readonly string[]>();
  for (const unit of units.values()) {
    const targets = new Set(unit.outgoing.map((edge) => unitOf.get(edge.target) ?? edge.target));
    if (typeof unit.onError === 'object') targets.add(unitOf.get(unit.onError.goto) ?? unit.onError.goto);
    if (targets.size > 0) successors.set(unit.id, [...targets]);
  }
  return successors;
}

/** In definition order. Units that only a goto leads to wait for it. */
function startUnitsOf(
  graph: DraftGraph,
  units: ReadonlyMap<string, PlanUnit>,
  { unitOf }: UnitGroups,
  gotoSources: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const inOrder = new Set([...graph.nodes.keys()].map((id) => unitOf.get(id) ?? id));
  return [...inOrder].filter((id) => units.get(id)?.incoming.length === 0 && !gotoSources.has(id));
}
