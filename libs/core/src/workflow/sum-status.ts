import type { Json, JsonObject } from '../json.js';
import { stateByLast } from './workflow-status-view.js';

/**
 * The status of a workflow whose executions are spread: its home's view (`workflowStatusView`) and those of its shards, added up. The current
 * execution is the one that began last, the last one the one that ended last.
 */
export function sumStatus(home: JsonObject, shards: readonly JsonObject[]): JsonObject {
  const all = [home, ...shards];
  const running = sum(all, 'running');
  const lastExecution = latest(all, 'lastExecution', 'endTime');
  const resting = home.state === 'draft' ? 'draft' : stateByLast(isObject(lastExecution) ? lastExecution.status : undefined);
  return {
    ...home,
    state: running > 0 ? 'running' : resting,
    executionCount: sum(all, 'executionCount'),
    currentExecution: latest(all, 'currentExecution', 'startTime'),
    lastExecution,
    running,
  };
}

function sum(views: readonly JsonObject[], field: string): number {
  return views.reduce((total, view) => total + numberOf(view[field]), 0);
}

function latest(views: readonly JsonObject[], field: string, time: string): Json {
  let found: JsonObject | null = null;
  for (const view of views) {
    const candidate = view[field];
    if (isObject(candidate) && (found === null || numberOf(candidate[time]) > numberOf(found[time]))) found = candidate;
  }
  return found;
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
