import { describe, isPlainObject, type ProblemList } from './problems.js';

/** How a definition may place its executions (docs/sharding.md). */
export const shardingStrategies = ['workflow', 'execution', 'custom'] as const;
export type ShardingStrategyName = (typeof shardingStrategies)[number];

/** Checks `sharding {strategy}`; absent = by workflow. A strategy that is not available is a problem rather than ignored. */
export function readSharding(value: unknown, problems: ProblemList): void {
  if (value === undefined || value === null) return;
  if (!isPlainObject(value)) {
    problems.add('sharding', 'TYPE', `sharding must be an object, not ${describe(value)}`);
    return;
  }
  const { strategy = 'workflow' } = value;
  if (strategy === 'workflow' || strategy === 'execution') return;
  const isLater = shardingStrategies.some((known) => known === strategy);
  const message = isLater
    ? `strategy "${strategy}" is not available in this version: executions are placed by their workflow's id ("workflow") or by their own ("execution")`
    : `strategy must be one of ${shardingStrategies.join(', ')}, not ${describe(strategy)}`;
  problems.add('sharding.strategy', isLater ? 'NOT_AVAILABLE' : 'VALUE', message);
}

/** Shards do not ask each other, so that nobody counts the executions of a spread workflow at a time. */
export function checkSpreadConcurrency(raw: Readonly<Record<string, unknown>>, problems: ProblemList): void {
  if (!isSpread(raw) || raw.concurrency === undefined || raw.concurrency === null) return;
  const message = 'concurrency cannot be kept for executions that are spread over partitions: leave it out, or use strategy "workflow"';
  problems.add('concurrency', 'NOT_AVAILABLE', message);
}

/** Whether a definition, as given, asks for its executions to be placed by their own ids. */
export function isSpread(definition: unknown): boolean {
  return isPlainObject(definition) && isPlainObject(definition.sharding) && definition.sharding.strategy === 'execution';
}
