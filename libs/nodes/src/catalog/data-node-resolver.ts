import type { DataNode } from '../api/data-node.js';
import { builtInDataNodes, renamedDataNodes } from '../data-nodes.js';
import type { LoadedUserNode } from '../users/load-user-nodes.js';
import { asDataNode } from '../users/user-data-node.js';

/** Finds the implementation of a data node in one of its roles; undefined when there is none. */
export type DataNodeResolver = (nodeType: string, kind: DataNode['kind']) => DataNode | undefined;

/** For stage threads: built-in data nodes and the users' own ones given. */
export function createDataNodeResolver(userNodes: readonly LoadedUserNode[]): DataNodeResolver {
  const users = userNodes.flatMap(({ node }) => asDataNode(node) ?? []);
  const byRole = new Map([...builtInDataNodes, ...renamedDataNodes, ...users].map((node) => [`${node.kind} ${node.nodeType}`, node]));
  return (nodeType, kind) => byRole.get(`${kind} ${nodeType}`);
}
