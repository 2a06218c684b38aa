import type { ExpressionScope } from '../expressions.js';
import type { Json, JsonObject } from '../json.js';
import type { Plan, PlanUnit } from '../plan/plan.js';
import { edgeStatusOf, gotoStatusOf } from './edges.js';
import type { ExecutionBody } from './execution-state.js';
import type { ExecutionIds } from './execution-turn.js';
import { nodeStateOf } from './node-states.js';

/** A node's output as later nodes see it: null where it has none. */
export function outputOf(body: ExecutionBody, nodeId: string): Json {
  const node = nodeStateOf(body, nodeId);
  return node?.status === 'completed' ? (node.output ?? null) : null;
}

/**
 * A unit's input (contract §8): the output of its one incoming edge, `{[sourceNodeId]: output}` of the taken ones for several,
 * the execution's input for a first node. A flow.merge that takes any one has that one's output; a node reached by `goto`
 * has `{nodeId, error}` of the failure.
 */
export function inputOf(body: ExecutionBody, plan: Plan, unit: PlanUnit): Json {
  const taken = takenSources(body, plan, unit);
  const [first] = taken;
  if (first === undefined) return failureInput(body, plan, unit) ?? (unit.incoming.length === 0 ? body.input : null);
  if (new Set(unit.incoming.map((edge) => edge.source)).size === 1 || isMergeOfAny(plan, unit)) return outputOf(body, first);
  return Object.fromEntries(taken.map((source) => [source, outputOf(body, source)]));
}

function takenSources(body: ExecutionBody, plan: Plan, unit: PlanUnit): readonly string[] {
  const taken = unit.incoming.filter((edge) => edgeStatusOf(body, plan, edge) === 'taken');
  return [...new Set(taken.map((edge) => edge.source))];
}

function isMergeOfAny(plan: Plan, unit: PlanUnit): boolean {
  const node = plan.nodes.get(unit.id);
  return node?.nodeType === 'flow.merge' && node.config.mode === 'any';
}

function failureInput(body: ExecutionBody, plan: Plan, unit: PlanUnit): Json | undefined {
  for (const source of plan.gotoSources.get(unit.id) ?? []) {
    const head = nodeStateOf(body, source);
    if (head?.status !== 'failed' || gotoStatusOf(body, plan, source, unit.id) !== 'taken') continue;
    return { nodeId: head.failedNodeId ?? source, error: { code: head.error.code, message: head.error.message } };
  }
  return undefined;
}

/** What expressions see besides a record: `input`, `nodes.<id>.output`, `execution`. `nodes` is built when first read. */
export function baseScopeOf(body: ExecutionBody, ids: ExecutionIds): ExpressionScope {
  return withNodes({ input: body.input, execution: executionScope(body, ids) }, () => outputsOf(body));
}

/** The scope of an expression over one value: its fields at the top level, itself as `record` and `value`, then the base scope. */
export function scopeOver(value: Json, body: ExecutionBody, ids: ExecutionIds): ExpressionScope {
  const fields = isJsonObject(value) ? value : { value };
  return withNodes({ ...fields, record: value, input: body.input, execution: executionScope(body, ids) }, () => outputsOf(body));
}

/** The scope of an edge's condition: the source's output, and the outputs that this very decision adds. */
export function edgeScope(output: Json, added: Readonly<Record<string, Json>>, body: ExecutionBody, ids: ExecutionIds): ExpressionScope {
  const fields = isJsonObject(output) ? output : { value: output };
  const fixed = { ...fields, output, record: output, input: body.input, execution: executionScope(body, ids) };
  return withNodes(fixed, () => ({
    ...outputsOf(body),
    ...Object.fromEntries(Object.entries(added).map(([id, own]) => [id, { output: own }])),
  }));
}

function withNodes(fields: JsonObject, nodes: () => JsonObject): ExpressionScope {
  let built: JsonObject | undefined;
  const get = () => {
    built ??= nodes();
    return built;
  };
  // Most tasks never look: building it would cost every dispatch the size of the whole graph.
  return Object.defineProperty({ ...fields }, 'nodes', { enumerable: true, get });
}

function executionScope(body: ExecutionBody, ids: ExecutionIds): JsonObject {
  return { id: ids.executionId, workflowId: ids.workflowId, startedAt: body.startedAt };
}

function outputsOf(body: ExecutionBody): JsonObject {
  const ended = Object.entries(body.nodes).filter(([, node]) => node.status === 'completed' || node.status === 'failed');
  return Object.fromEntries(ended.map(([id]) => [id, { output: outputOf(body, id) }]));
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
