import type { ShardingStrategyName } from '#core';
import { partitionOf } from './partitioner.js';

/** What a strategy places. */
export interface Placed {
  readonly workflowId: string;
  readonly executionId: string;
}

/**
 * Where the executions of a workflow live: `keyOf` names the key that its commands carry, and the partition is that of the key, as any
 * Kafka producer with Java's default partitioner chooses it. `keyOf` must depend on nothing but the two ids: every engine, gateway and
 * producer computes it by itself, for as long as the execution lives.
 */
export interface ShardingStrategy {
  readonly name: ShardingStrategyName;
  keyOf(placed: Placed): string;
}

/** All executions on the workflow's own partition: the default. */
export const byWorkflow: ShardingStrategy = { name: 'workflow', keyOf: ({ workflowId }) => workflowId };

/** Each execution where its own id hashes to. */
export const byExecution: ShardingStrategy = { name: 'execution', keyOf: ({ executionId }) => executionId };

/** A strategy of the user's own. An empty key, which hashes as well as any other and spreads nothing, is replaced by the workflow's id. */
export function customSharding(keyOf: (placed: Placed) => string): ShardingStrategy {
  return { name: 'custom', keyOf: (placed) => keyOf(placed) || placed.workflowId };
}

/** The partition of an execution: `toPositive(murmur2(utf8(keyOf(…)))) mod partitions`. */
export function executionPartitionOf(strategy: ShardingStrategy, placed: Placed, partitions: number): number {
  return partitionOf(strategy.keyOf(placed), partitions);
}
