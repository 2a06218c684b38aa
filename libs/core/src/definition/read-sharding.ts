import { describe, isPlainObject, type ProblemList } from './problems.js';

/** How a definition may place its executions (docs/sharding.md). */
export const shardingStrategies = ['workflow', 'execution', 'custom'] as const;
export type ShardingStrategyName = (typeof shardingStrategies)[number];

/**
 * Checks `sharding {strategy}`; absent = by workflow. Only that is available in this version: a strategy that would have to place
 * executions elsewhere is a problem rather than ignored.
 */
export function readSharding(value: unknown, problems: ProblemList): void {
  if (value === undefined || value === null) return;
  if (!isPlainObject(value)) {
    problems.add('sharding', 'TYPE', `sharding must be an object, not ${describe(value)}`);
    return;
  }
  const { strategy = 'workflow' } = value;
  if (strategy === 'workflow') return;
  const isLater = shardingStrategies.some((known) => known === strategy);
  const message = isLater
    ? `strategy "${strategy}" is not available in this version: all executions of a workflow run on its partition (strategy "workflow")`
    : `strategy must be one of ${shardingStrategies.join(', ')}, not ${describe(strategy)}`;
  problems.add('sharding.strategy', isLater ? 'NOT_AVAILABLE' : 'VALUE', message);
}
