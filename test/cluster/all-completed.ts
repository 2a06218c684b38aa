import { expect } from 'vitest';
import { untilEnded } from './load.js';
import type { Scenario } from './scenario.js';

/** Of a load that has stopped: more than `least` starts were acknowledged, and each of them has completed, once, by the log's word too. */
export async function expectAllCompleted(scenario: Scenario, acknowledged: ReadonlyMap<string, string>, least: number): Promise<void> {
  expect(acknowledged.size).toBeGreaterThan(least);
  expect(await untilEnded(scenario.cluster.url, acknowledged, 60_000)).toEqual([]);
  const log = await scenario.readLog();
  expect(log.violations).toEqual([]);
  expect([...acknowledged.keys()].filter((id) => log.outcome(id) !== 'WorkflowCompleted')).toEqual([]);
}
