import type { JsonObject } from '#core';

/**
 * Interactive queries: gateway → the partition's owner, over a Nest TCP microservice with pattern `queryPattern`.
 * The answer comes from confirmed state only (L8).
 */
export const queryPattern = 'millrace.query';

export type OwnerQuery = { readonly workflowId: string } & (
  | { readonly kind: 'workflow' }
  | { readonly kind: 'workflowStatus' }
  | { readonly kind: 'execution'; readonly executionId: string }
  /** Waits until the execution has ended, at most `waitMs`; then answers like `execution`. */
  | { readonly kind: 'result'; readonly executionId: string; readonly waitMs: number }
);

/** The envelope on the wire; `secret` is MILLRACE_CLUSTER_SECRET. `partition` lets the engine answer `notOwner` at once. */
export interface OwnerQueryRequest {
  readonly partition: number;
  readonly query: OwnerQuery;
  readonly secret?: string;
}

export type OwnerAnswer =
  | { readonly status: 'found'; readonly view: JsonObject; readonly instance: string; readonly epoch: string }
  | { readonly status: 'notFound' }
  /** Not (or no longer) the owner: look the owner up again. */
  | { readonly status: 'notOwner' }
  /** The owner cannot answer now: recovering, in doubt, halted or quarantined. */
  | { readonly status: 'unavailable'; readonly code: string; readonly reason: string };

/** Engine-wide figures for `cluster/stats` and `cluster/shards`, over the same port. */
export const engineStatusPattern = 'millrace.status';
