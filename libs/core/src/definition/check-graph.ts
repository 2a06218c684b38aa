import { switchHandles } from '../control/flow-switch.js';
import type { DraftEdge, RoledNode } from './draft.js';
import type { Successors } from './graph-order.js';
import { isDataKind } from './node-catalog.js';
import type { ProblemList } from './problems.js';

/** The nodes whose types are known, by id, and the edges between nodes. */
export interface DraftGraph {
  readonly nodes: ReadonlyMap<string, RoledNode>;
  readonly edges: readonly DraftEdge[];
}

/** A node that streams records inside a stage. */
export function isDataNode(node: RoledNode | undefined): node is RoledNode {
  return node !== undefined && isDataKind(node.descriptor.kind);
}

/** Records flow along this edge, so that both ends are of one stage. Other edges say only what comes after what. */
export function isStreamEdge(edge: DraftEdge, { nodes }: DraftGraph): boolean {
  const source = nodes.get(edge.source);
  const target = nodes.get(edge.target);
  return isDataNode(source) && isDataNode(target) && source.descriptor.kind !== 'sink' && target.descriptor.kind !== 'source';
}

/** Who comes after whom, `onError.goto` included. */
export function successorsOf({ nodes, edges }: DraftGraph): Successors {
  const successors = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = successors.get(from);
    if (known === undefined) successors.set(from, [to]);
    else known.push(to);
  };
  for (const { source, target } of edges) add(source, target);
  for (const { id, policies } of nodes.values()) if (typeof policies.onError === 'object') add(id, policies.onError.goto);
  return successors;
}

/** Every problem of the graph but cycles: handles, targets of policies, what is not fed, what cannot be reached. */
export function checkGraph(graph: DraftGraph, problems: ProblemList): void {
  for (const edge of graph.edges) checkEdge(edge, graph, problems);
  const incoming = new Map<string, number>();
  for (const { target } of graph.edges) incoming.set(target, (incoming.get(target) ?? 0) + 1);
  const reachedByGoto = gotoTargets(graph);
  for (const node of graph.nodes.values()) {
    checkTargets(node, graph, problems);
    checkFed(node, incoming.get(node.id) ?? 0, reachedByGoto.has(node.id), problems);
  }
}

function gotoTargets({ nodes }: DraftGraph): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const { policies } of nodes.values()) if (typeof policies.onError === 'object') targets.add(policies.onError.goto);
  return targets;
}

function checkEdge(edge: DraftEdge, graph: DraftGraph, problems: ProblemList): void {
  const source = graph.nodes.get(edge.source);
  const target = graph.nodes.get(edge.target);
  if (source !== undefined) checkHandle(edge, source, problems);
  if (isDataNode(source) && source.descriptor.kind !== 'sink' && target?.descriptor.kind === 'source') {
    problems.add(
      `${edge.path}.target`,
      'SOURCE_FED',
      `${target.id} (${target.nodeType}) is a source: it takes no records from ${source.id}`,
    );
  }
  if (edge.condition !== undefined && isStreamEdge(edge, graph)) {
    const message = 'records stream along this edge, so that it cannot have a condition: put a filter between the two nodes';
    problems.add(`${edge.path}.condition`, 'CONDITION_IN_STAGE', message);
  }
}

function checkHandle(edge: DraftEdge, source: RoledNode, problems: ProblemList): void {
  const { outputHandles } = source.descriptor;
  const handles = outputHandles !== 'any' ? outputHandles : source.nodeType === 'flow.switch' ? switchHandles(source.config) : undefined;
  if (handles === undefined || handles.includes(edge.sourceHandle)) return;
  const known = handles.length === 0 ? 'it has none' : `it has ${handles.join(', ')}`;
  problems.add(
    `${edge.path}.sourceHandle`,
    'UNKNOWN_HANDLE',
    `${source.id} (${source.nodeType}) has no handle ${edge.sourceHandle}: ${known}`,
  );
}

function checkTargets({ id, path, policies, nodeType }: RoledNode, { nodes }: DraftGraph, problems: ProblemList): void {
  const { onError, compensate, timeoutMs } = policies;
  if (typeof onError === 'object') {
    if (!nodes.has(onError.goto)) problems.add(`${path}.onError.goto`, 'UNKNOWN_NODE', `there is no node ${onError.goto}`);
    else if (onError.goto === 'continue') problems.add(`${path}.onError.goto`, 'VALUE', 'a node called continue cannot be a goto target');
  }
  if (compensate !== undefined && (compensate === id || !nodes.has(compensate))) {
    problems.add(`${path}.compensate`, 'UNKNOWN_NODE', `there is no other node ${compensate}`);
  }
  if (timeoutMs !== undefined && nodeType === 'flow.delay') {
    problems.add(`${path}.timeout`, 'VALUE', 'flow.delay waits for its own duration: it has no time-out');
  }
}

function checkFed(node: RoledNode, incoming: number, isGotoTarget: boolean, problems: ProblemList): void {
  const { kind } = node.descriptor;
  if ((kind === 'sink' || kind === 'transform') && incoming === 0 && !isGotoTarget) {
    problems.add(node.path, 'NO_INPUT', `${node.id} (${node.nodeType}) is a ${kind}: it needs an incoming edge`);
  }
  if (node.nodeType === 'flow.merge' && node.config.mode === 'count' && Number(node.config.count) > incoming) {
    problems.add(`${node.path}.config.count`, 'RANGE', `${node.id} waits for ${node.config.count} of only ${incoming} incoming edge(s)`);
  }
}
