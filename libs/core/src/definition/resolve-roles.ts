import { laterControlTypes } from '../control/control-nodes.js';
import type { DraftEdge, DraftNode, RoledNode } from './draft.js';
import { nearestName } from './nearest-name.js';
import { isDataKind, type NodeCatalog, type NodeDescriptor, type NodeKind } from './node-catalog.js';
import type { ProblemList } from './problems.js';

/** What took the place of an old node type (contract §4a). */
const replacements: ReadonlyMap<string, string> = new Map([
  ['mysql.query', 'use sql.query with a named connection'],
  ['mysql.write', 'use sql.write with a named connection'],
]);

/** Looks every node's type up and chooses its role; where a type has several, the edges decide. */
export function resolveRoles(
  nodes: readonly DraftNode[],
  edges: readonly DraftEdge[],
  catalog: NodeCatalog,
  problems: ProblemList,
): readonly RoledNode[] {
  const withIncoming = new Set(edges.map((edge) => edge.target));
  const dataNodes = new Set(
    nodes.filter((node) => catalog.rolesOf(node.nodeType).some(({ kind }) => isDataKind(kind))).map((node) => node.id),
  );
  // An edge to a task or control node passes a node's output on, not its records: it makes no transform of a sink.
  const withOutgoing = new Set(edges.filter((edge) => dataNodes.has(edge.target)).map((edge) => edge.source));
  const roled: RoledNode[] = [];
  for (const node of nodes) {
    if (node.nodeType === '') continue; // said already
    const roles = catalog.rolesOf(node.nodeType);
    const place = { hasIncoming: withIncoming.has(node.id), hasOutgoing: withOutgoing.has(node.id) };
    const descriptor = chooseRole(roles, node.hint, place);
    if (descriptor === undefined) problems.add(`${node.path}.nodeType`, 'UNKNOWN_NODE_TYPE', unknownType(node.nodeType, catalog));
    else roled.push({ ...node, descriptor, config: descriptor.normaliseConfig(node.config) });
  }
  return roled;
}

interface Place {
  readonly hasIncoming: boolean;
  readonly hasOutgoing: boolean;
}

function chooseRole(roles: readonly NodeDescriptor[], hint: string | undefined, place: Place): NodeDescriptor | undefined {
  if (roles.length <= 1) return roles[0];
  const isAlone = !place.hasIncoming && !place.hasOutgoing;
  const preferred = isAlone && hint !== undefined ? [hint, ...preferredKinds(place)] : preferredKinds(place);
  for (const kind of preferred) {
    const role = roles.find((candidate) => candidate.kind === kind);
    if (role !== undefined) return role;
  }
  return roles[0];
}

function preferredKinds({ hasIncoming, hasOutgoing }: Place): readonly NodeKind[] {
  if (!hasIncoming) return ['source', 'task', 'control', 'transform', 'sink'];
  return hasOutgoing ? ['transform', 'task', 'control', 'sink', 'source'] : ['sink', 'transform', 'task', 'control', 'source'];
}

function unknownType(nodeType: string, catalog: NodeCatalog): string {
  const name = JSON.stringify(nodeType.slice(0, 128));
  const replacement = replacements.get(nodeType);
  if (replacement !== undefined) return `${name} is not a node type any more: ${replacement}`;
  if (laterControlTypes.includes(nodeType)) return `${name} is not available in this version`;
  const nearest = nearestName(nodeType, catalog.nodeTypes());
  return nearest === undefined ? `there is no node type ${name}` : `there is no node type ${name}; did you mean ${nearest}?`;
}
