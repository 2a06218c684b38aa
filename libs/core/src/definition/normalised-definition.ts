import type { PlanRetry } from '../plan/plan.js';
import type { NodeDefinition, RetryPolicy, WorkflowDefinition } from './definition.js';
import type { DraftEdge, DraftNode } from './draft.js';

/** The definition in today's shape: every default filled in, old spellings translated. */
export function normalisedDefinition(
  raw: Readonly<Record<string, unknown>>,
  { workflowId, name }: { readonly workflowId: string; readonly name: string },
  nodes: readonly DraftNode[],
  edges: readonly DraftEdge[],
): WorkflowDefinition {
  return {
    ...raw,
    id: workflowId,
    name,
    nodes: nodes.map(normalisedNode),
    edges: edges.map(({ path: _, condition, ...edge }) => ({ ...edge, ...(condition === undefined ? {} : { condition }) })),
  };
}

function normalisedNode({ id, nodeType, label, config, policies }: DraftNode): NodeDefinition {
  const { retry, timeoutMs, ...others } = policies;
  return {
    id,
    nodeType,
    label,
    config,
    ...others,
    ...(retry === undefined ? {} : { retry: retryPolicy(retry) }),
    ...(timeoutMs === undefined ? {} : { timeout: `${timeoutMs}ms` }),
  };
}

function retryPolicy({ initialIntervalMs, maxIntervalMs, ...others }: PlanRetry): RetryPolicy {
  return { ...others, initialInterval: `${initialIntervalMs}ms`, maxInterval: `${maxIntervalMs}ms` };
}
