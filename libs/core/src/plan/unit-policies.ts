import type { OnError } from '../definition/definition.js';
import type { NodePolicies, RoledNode } from '../definition/draft.js';
import type { ProblemList } from '../definition/problems.js';
import { defaultRetry } from '../definition/read-policies.js';
import type { PlanRetry } from './plan.js';

export interface UnitPolicies {
  readonly retry: PlanRetry;
  readonly timeoutMs?: number;
  readonly onError: OnError;
}

/** The policies of a unit. The nodes of a stage are started, retried and timed out together: at most one may differ from silence. */
export function unitPolicies(nodes: readonly RoledNode[], problems: ProblemList): UnitPolicies {
  const retry = onlyOne(nodes, 'retry', problems);
  const timeoutMs = onlyOne(nodes, 'timeoutMs', problems);
  const onError = onlyOne(nodes, 'onError', problems);
  return { retry: retry ?? defaultRetry, onError: onError ?? 'fail', ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

function onlyOne<Key extends 'retry' | 'timeoutMs' | 'onError'>(
  nodes: readonly RoledNode[],
  key: Key,
  problems: ProblemList,
): NodePolicies[Key] | undefined {
  let first: RoledNode | undefined;
  for (const node of nodes) {
    if (node.policies[key] === undefined) continue;
    first ??= node;
    if (JSON.stringify(first.policies[key]) === JSON.stringify(node.policies[key])) continue;
    const name = key === 'timeoutMs' ? 'timeout' : key;
    const message = `${node.id} runs in one stage with ${first.id}, which says otherwise: state ${name} on one of them`;
    problems.add(`${node.path}.${name}`, 'STAGE_POLICY_CONFLICT', message);
  }
  return first?.policies[key];
}
