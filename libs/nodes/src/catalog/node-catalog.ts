import { controlNodes, type NodeCatalog, type NodeDescriptor, type NodeKind } from '#core';
import type { NodePresentation } from '../api/data-node.js';
import { describeDataNode } from '../api/descriptor.js';
import { builtInDataNodes, renamedDataNodes } from '../data-nodes.js';
import { invalid, type LoadedUserNode } from '../users/load-user-nodes.js';
import { asDataNode, presentUserNode } from '../users/user-data-node.js';
import type { UserNode } from '../users/user-node.js';
import { describeUserTask } from '../users/user-task.js';
import { controlPresentations } from './control-presentations.js';
import { type NodeTypeEntry, type NodeTypeList, nodeTypeEntry } from './node-type-entry.js';

/** The node types of this installation, with what a list of them shows. */
export interface DescribedNodeCatalog extends NodeCatalog {
  /** The answer of `GET /api/v1/workflows/node-types`: by kind, old names left out. */
  describe(): NodeTypeList;
}

interface Shown {
  readonly kind: NodeKind;
  readonly presentation: NodePresentation;
}

/**
 * The built-in data nodes, the core's control nodes and users' own. Throws a FatalError `USER_NODES_INVALID` naming the file
 * of a user's node whose type is already taken.
 */
export function createNodeCatalog(options: { readonly userNodes: readonly LoadedUserNode[] }): DescribedNodeCatalog {
  const roles = new Map<string, NodeDescriptor[]>();
  const add = (descriptor: NodeDescriptor): unknown =>
    roles.set(descriptor.nodeType, [...(roles.get(descriptor.nodeType) ?? []), descriptor]);
  for (const node of [...builtInDataNodes, ...renamedDataNodes]) add(describeDataNode(node));
  for (const descriptor of controlNodes) add(descriptor);
  for (const { node, url } of options.userNodes) {
    if (roles.has(node.nodeType)) invalid(url, `the node type ${node.nodeType} is taken by a built-in node or another file`);
    add(describeUserNode(node));
  }
  const list = listOf(options.userNodes.map(({ node }) => node));
  return {
    rolesOf: (nodeType) => roles.get(nodeType) ?? [],
    nodeTypes: () => [...roles.keys()],
    describe: () => list,
  };
}

function describeUserNode(node: UserNode): NodeDescriptor {
  if (node.kind === 'task') return describeUserTask(node);
  const dataNode = asDataNode(node);
  return dataNode === undefined ? invalid(node.nodeType, 'it has no kind') : describeDataNode(dataNode);
}

function listOf(userNodes: readonly UserNode[]): NodeTypeList {
  const shown: readonly Shown[] = [
    ...builtInDataNodes.map((node) => ({ kind: node.kind, presentation: node })),
    ...controlPresentations.map((presentation) => ({ kind: 'control' as const, presentation })),
    ...userNodes.map((node) => ({ kind: node.kind, presentation: presentUserNode(node) })),
  ];
  const ofKind = (kind: NodeKind): NodeTypeEntry[] =>
    shown.filter((entry) => entry.kind === kind).map((entry) => nodeTypeEntry(entry.presentation));
  return {
    source: ofKind('source'),
    transform: ofKind('transform'),
    sink: ofKind('sink'),
    control: ofKind('control'),
    task: ofKind('task'),
  };
}
