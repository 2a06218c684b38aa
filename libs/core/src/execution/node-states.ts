import type { ExecutionBody, NodeState } from './execution-state.js';

/** A node's state; undefined = pending. Ids such as `constructor` are legal, so only own keys count. */
export function nodeStateOf(body: ExecutionBody, nodeId: string): NodeState | undefined {
  return Object.hasOwn(body.nodes, nodeId) ? body.nodes[nodeId] : undefined;
}

/** Running or waiting: what keeps an execution from ending. */
export function isOpenNode(node: NodeState | undefined): boolean {
  return node?.status === 'running' || node?.status === 'waiting';
}

/** The id of the first node of the node's unit. */
export function unitIdOf(nodeId: string, node: NodeState): string {
  return (node.status === 'skipped' ? undefined : node.unitId) ?? nodeId;
}
