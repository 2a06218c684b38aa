import type { CoreEnvironment } from '../core-api.js';
import type { CompiledExpression, ExpressionCompiler } from '../expressions.js';
import { buildPlan } from '../plan/build-plan.js';
import type { Plan } from '../plan/plan.js';
import { checkGraph, type DraftGraph, successorsOf } from './check-graph.js';
import { compileCondition, compileNodeExpressions } from './compile-expressions.js';
import type { Problem, WorkflowDefinition } from './definition.js';
import { type DraftEdge, type DraftNode, maxGraphSize, type RoledNode } from './draft.js';
import { cycleText, orderGraph } from './graph-order.js';
import { normalisedDefinition } from './normalised-definition.js';
import { describe, isPlainObject, ProblemList } from './problems.js';
import { readConcurrency } from './read-concurrency.js';
import { readEdges } from './read-edges.js';
import { readNodes } from './read-nodes.js';
import { checkSpreadConcurrency, readSharding } from './read-sharding.js';
import { resolveRoles } from './resolve-roles.js';

/** What compiling needs to know besides the definition. */
export interface CompileOptions {
  /** Used where the definition has no id. */
  readonly workflowId?: string;
  /** The version that the plan is for; 1 where it does not matter. */
  readonly version?: number;
}

/** `definition`: normalised; undefined when it is no object with lists of nodes and edges. `plan`: only without problems. */
export interface CompiledDefinition {
  readonly definition: WorkflowDefinition | undefined;
  readonly problems: readonly Problem[];
  readonly plan: Plan | undefined;
}

/** Reads, normalises and checks a definition as given, of today's shape or the old one; lists every problem at once. Never throws. */
export function compileDefinition(
  raw: unknown,
  env: Pick<CoreEnvironment, 'catalog' | 'expressions'>,
  options: CompileOptions = {},
): CompiledDefinition {
  const problems = new ProblemList();
  const lists = readLists(raw, problems);
  if (lists === undefined) return { definition: undefined, problems: problems.problems, plan: undefined };
  const nodes = readNodes(lists.nodes, env.catalog, problems);
  const edges = readEdges(lists.edges, nodes, problems);
  const roled = resolveRoles(nodes, edges, env.catalog, problems);
  const named = nameOf(lists.raw, options, problems);
  const maxConcurrent = readConcurrency(lists.raw.concurrency, problems);
  readSharding(lists.raw.sharding, problems);
  checkSpreadConcurrency(lists.raw, problems);
  const plan = compileGraph({ ...named, maxConcurrent, version: options.version ?? 1, nodes, roled, edges }, env.expressions, problems);
  return {
    definition: normalisedDefinition(lists.raw, named, withNormalisedConfig(nodes, roled), edges),
    problems: problems.problems,
    plan: problems.problems.length === 0 ? plan : undefined,
  };
}

interface RawLists {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly nodes: readonly unknown[];
  readonly edges: readonly unknown[];
}

function readLists(raw: unknown, problems: ProblemList): RawLists | undefined {
  if (!isPlainObject(raw)) {
    problems.add('', 'TYPE', `a definition must be an object, not ${describe(raw)}`);
    return undefined;
  }
  const nodes = readList(raw.nodes, 'nodes', problems);
  const edges = raw.edges === undefined && nodes?.length === 1 ? [] : readList(raw.edges, 'edges', problems);
  if (nodes?.length === 0) problems.add('nodes', 'REQUIRED', 'a workflow needs at least one node');
  return nodes === undefined || edges === undefined ? undefined : { raw, nodes, edges };
}

function readList(value: unknown, path: string, problems: ProblemList): readonly unknown[] | undefined {
  if (!Array.isArray(value)) {
    problems.add(path, value === undefined ? 'REQUIRED' : 'TYPE', `${path} must be a list, not ${describe(value)}`);
    return undefined;
  }
  if (value.length <= maxGraphSize) return value;
  problems.add(path, 'TOO_LARGE', `${value.length} ${path} are more than the ${maxGraphSize} that a workflow may have`);
  return undefined;
}

interface Named {
  readonly workflowId: string;
  readonly name: string;
}

function nameOf(raw: Readonly<Record<string, unknown>>, options: CompileOptions, problems: ProblemList): Named {
  for (const key of ['id', 'name', 'description'] as const) {
    const value = raw[key];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      problems.add(key, 'TYPE', `${key} must be a text, not ${describe(value)}`);
    }
  }
  const workflowId = options.workflowId ?? (typeof raw.id === 'string' ? raw.id : '');
  return { workflowId, name: typeof raw.name === 'string' && raw.name !== '' ? raw.name : workflowId };
}

interface GraphParts extends Named {
  readonly version: number;
  readonly maxConcurrent: number | undefined;
  readonly nodes: readonly DraftNode[];
  readonly roled: readonly RoledNode[];
  readonly edges: readonly DraftEdge[];
}

function compileGraph(parts: GraphParts, compiler: ExpressionCompiler, problems: ProblemList): Plan | undefined {
  const { workflowId, name, version, maxConcurrent, roled, edges } = parts;
  const graph: DraftGraph = { nodes: new Map(roled.map((node) => [node.id, node])), edges };
  const nodeExpressions = new Map<string, ReadonlyMap<string, CompiledExpression>>();
  for (const node of roled) {
    checkConfig(node, problems);
    nodeExpressions.set(node.id, compileNodeExpressions(node, compiler, problems));
  }
  const conditions = new Map<DraftEdge, CompiledExpression>();
  for (const edge of edges) {
    const condition = compileCondition(edge, compiler, problems);
    if (condition !== undefined) conditions.set(edge, condition);
  }
  checkGraph(graph, problems);
  const order = orderOf(parts, graph, problems);
  // Stages can be cut only where every node's role is known.
  if (order === undefined || roled.length < parts.nodes.length) return undefined;
  return buildPlan({ workflowId, version, name, maxConcurrent, graph, order, nodeExpressions, conditions }, problems);
}

function checkConfig({ path, config, descriptor }: RoledNode, problems: ProblemList): void {
  for (const problem of descriptor.validateConfig(config)) {
    const place = problem.path === '' || problem.path.startsWith('[') ? problem.path : `.${problem.path}`;
    problems.problems.push({ ...problem, path: `${path}.config${place}` });
  }
}

function orderOf({ nodes }: GraphParts, graph: DraftGraph, problems: ProblemList): readonly string[] | undefined {
  const names = nodes.map((node) => node.id);
  const result = orderGraph(names, successorsOf(graph));
  if (result.ok) return result.order;
  problems.add('edges', 'CYCLE', `the graph has a cycle: ${cycleText(result.cycle)}`);
  return undefined;
}

function withNormalisedConfig(nodes: readonly DraftNode[], roled: readonly RoledNode[]): readonly DraftNode[] {
  const known = new Map(roled.map((node) => [node.id, node]));
  return nodes.map((node) => known.get(node.id) ?? node);
}
