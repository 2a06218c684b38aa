import { assertNever, type EpochMs, type JsonObject } from '../json.js';
import type { NodeState, StartedExecution } from './execution-state.js';
import type { ExecutionIds } from './execution-turn.js';

/** Why something has not gone on: `{waitingFor: {kind: node|timer|signal|retry, since, until?, detail, howToUnblock}}`, times ISO 8601. */
export type WaitingFor = { readonly waitingFor?: JsonObject };

/** The named reason of one open node. */
export function waitingForNode(nodeId: string, node: NodeState, ids: ExecutionIds): WaitingFor {
  if (node.status === 'running')
    return reason({ kind: 'node', since: node.startedAt, until: node.timeoutAt }, ...runningTexts(nodeId, node.attempt, ids));
  if (node.status !== 'waiting') return {};
  const wait = { kind: node.kind, since: node.since, until: node.until };
  switch (node.kind) {
    case 'timer':
      return reason(wait, `node ${nodeId} waits for its time`, `nothing to do: it goes on by itself; or ${cancelHint(ids)}`);
    case 'retry':
      return reason(
        wait,
        `node ${nodeId} is tried again after: ${node.lastError?.message ?? 'a failure'}`,
        `nothing to do, or ${cancelHint(ids)}`,
      );
    case 'signal':
      return reason(wait, `node ${nodeId} waits for the signal ${node.signal ?? ''}`, signalHint(node.signal ?? '', ids));
    default:
      return assertNever(node.kind);
  }
}

function runningTexts(nodeId: string, attempt: number, ids: ExecutionIds): [string, string] {
  return [`node ${nodeId} is running, attempt ${attempt}`, `nothing to do: wait for it to end; or ${cancelHint(ids)}`];
}

function signalHint(name: string, { workflowId, executionId }: ExecutionIds): string {
  return `POST /api/v1/workflows/${workflowId}/executions/${executionId}/signal/${encodeURIComponent(name)}`;
}

function cancelHint({ workflowId, executionId }: ExecutionIds): string {
  return `POST /api/v1/workflows/${workflowId}/executions/${executionId}/cancel`;
}

function reason(wait: { kind: string; since: EpochMs; until: EpochMs | undefined }, detail: string, howToUnblock: string): WaitingFor {
  const until = wait.until === undefined ? {} : { until: iso(wait.until) };
  return { waitingFor: { kind: wait.kind, since: iso(wait.since), ...until, detail, howToUnblock } };
}

/** The named reason of an unfinished execution: what runs, else what waits; of several the one that began first. */
export function waitingForExecution(state: StartedExecution, workflowId: string, executionId: string): WaitingFor {
  const first = firstOf(state, 'running') ?? firstOf(state, 'waiting');
  return first === undefined ? {} : waitingForNode(first[0], first[1], { workflowId, executionId });
}

function firstOf(state: StartedExecution, status: 'running' | 'waiting'): [string, NodeState] | undefined {
  let first: [string, NodeState] | undefined;
  let firstSince = Number.POSITIVE_INFINITY;
  for (const [id, node] of Object.entries(state.nodes)) {
    if (node.status !== status) continue;
    const since = node.status === 'waiting' ? node.since : node.startedAt;
    if (since < firstSince) {
      first = [id, node];
      firstSince = since;
    }
  }
  return first;
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}
