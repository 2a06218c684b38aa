import type { JsonObject } from '#core';

/** What the engine port is asked for. Not a plain string: Nest parses those as JSON for each message, in vain and at the price of a throw. */
export interface EnginePattern {
  readonly millrace: 'query' | 'status' | 'accept';
}

/**
 * Interactive queries: gateway → the partition's owner, over a Nest TCP microservice with pattern `queryPattern`.
 * The answer comes from confirmed state only (L8).
 */
export const queryPattern: EnginePattern = { millrace: 'query' };

export type OwnerQuery = { readonly workflowId: string } & (
  | { readonly kind: 'workflow' }
  | { readonly kind: 'workflowStatus' }
  /** `routed`: the workflow's home says that it must be here. */
  | { readonly kind: 'execution'; readonly executionId: string; readonly routed?: true }
  /** Waits until the execution has ended, at most `waitMs`; then answers like `execution`. */
  | { readonly kind: 'result'; readonly executionId: string; readonly waitMs: number; readonly routed?: true }
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
  /** The workflow's executions are spread: that partition's owner knows of this one. Or, asked on a guess: the workflow's home knows where. */
  | { readonly status: 'elsewhere'; readonly partition: number; readonly isHome: boolean }
  /** Not (or no longer) the owner: look the owner up again. */
  | { readonly status: 'notOwner' }
  /** The owner cannot answer now: recovering, in doubt, halted or quarantined. */
  | { readonly status: 'unavailable'; readonly code: string; readonly reason: string };

/** Engine-wide figures for `cluster/stats` and `cluster/shards`, over the same port. Asked with EngineStatusRequest, answered with EngineStatus, or null where the secret does not match. */
export const engineStatusPattern: EnginePattern = { millrace: 'status' };

export interface EngineStatusRequest {
  readonly secret?: string;
}

/** One owned partition as its runtime describes it; times are epoch milliseconds. */
export interface EnginePartition {
  readonly partition: number;
  readonly state: 'recovering' | 'active' | 'inDoubt' | 'halted' | 'stopped';
  readonly reason?: string;
  readonly epoch?: string;
  readonly since: number;
  readonly lag: number;
  readonly hotEntities: number;
  readonly runningExecutions: number;
}

/** An engine process: bytes, milliseconds, `cpu` = cores used since the last asking. */
export interface EngineStatus {
  readonly instance: string;
  readonly address: string;
  readonly partitions: readonly EnginePartition[];
  readonly cpu: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly eventLoopDelayMs: number;
  readonly executionsRunning: number;
  readonly stageSlots: { readonly total: number; readonly running: number; readonly waiting: number };
}
