import { type EpochMs, type ExecutionState, executionStatusOf, type NodeState } from '#core';
import type { HistoryExecution, HistoryNode, Timeline } from '../read-model.js';

/** An execution in the shape of `/api/history` (contract §3); undefined for one that has not begun. */
export function historyView(executionId: string, state: ExecutionState): HistoryExecution | undefined {
  if (state.status === 'notStarted') return undefined;
  const endTime = state.status === 'finished' ? state.endedAt : null;
  return {
    executionId,
    workflowName: state.workflowName,
    startTime: state.startedAt,
    endTime,
    status: executionStatusOf(state),
    duration: duration(state.startedAt, endTime),
    nodes: Object.entries(state.nodes).map(([nodeId, node]) => nodeView(nodeId, node)),
  };
}

export function timelineView({ executionId, startTime, endTime, duration, nodes }: HistoryExecution): Timeline {
  return { executionId, startTime, endTime, duration, nodes };
}

/** How far an execution is, for `currentExecution`. */
export function progressOf(view: HistoryExecution, state: ExecutionState): { completedNodes: number; totalNodes: number } {
  const completedNodes = view.nodes.filter((node) => node.status === 'completed').length;
  return { completedNodes, totalNodes: state.status === 'notStarted' ? 0 : state.totalNodes };
}

function nodeView(nodeId: string, node: NodeState): HistoryNode {
  if (node.status === 'skipped') {
    const { at } = node;
    return { nodeId, nodeType: '', startTime: at, endTime: at, duration: 0, status: 'skipped', recordsProcessed: 0, error: null };
  }
  const endTime = 'endedAt' in node ? node.endedAt : null;
  return {
    nodeId,
    nodeType: node.nodeType,
    startTime: node.startedAt,
    endTime,
    duration: duration(node.startedAt, endTime),
    status: node.status,
    recordsProcessed: node.status === 'completed' ? node.recordsProcessed : 0,
    error: node.status === 'failed' ? node.error.message : null,
  };
}

function duration(start: EpochMs, end: EpochMs | null): number | null {
  return end === null ? null : end - start;
}
