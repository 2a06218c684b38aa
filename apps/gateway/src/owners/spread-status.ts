import { type JsonObject, sumStatus } from '#core';
import type { OwnerQuery } from '#protocol';
import type { AskOutcome, OwnerClient } from './owner-client.js';

type Unanswered = Extract<AskOutcome, { status: 'unanswered' }>;

/** A workflow's status over all partitions where its executions live, or which of them could not be asked. */
export type SpreadStatus = { readonly view: JsonObject } | { readonly trouble: Unanswered };

/** Adds to what a workflow's home counts what its shards count; each owner answers from its confirmed state, at its own moment. */
export async function spreadStatus(
  owners: Pick<OwnerClient, 'askShards'>,
  query: OwnerQuery,
  home: JsonObject,
  patienceMs: number,
): Promise<SpreadStatus> {
  const outcomes = await owners.askShards(query, patienceMs);
  const trouble = outcomes.find((outcome) => outcome.status === 'unanswered');
  if (trouble !== undefined) return { trouble };
  return {
    view: sumStatus(
      home,
      outcomes.flatMap((outcome) => (outcome.status === 'found' ? [outcome.view] : [])),
    ),
  };
}

/** Whether a `workflowStatus` counts one partition of several. */
export function isOfSpread(query: OwnerQuery, view: JsonObject): boolean {
  return query.kind === 'workflowStatus' && view.sharding === 'execution';
}
