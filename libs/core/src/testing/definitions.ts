import type { Input } from '../core-api.js';
import type { EpochMs, Json, JsonObject } from '../json.js';
import { command, executionId, signal } from './given.js';

/** A node of the test catalogue; `extra` are the fields beside the config. */
export function node(id: string, nodeType = 'test.step', config: JsonObject = {}, extra: JsonObject = {}): JsonObject {
  return { id, nodeType, config, ...extra };
}

/** `edge('a:yes', 'b', 'x > 1')`: from handle `yes` of a, with a condition. */
export function edge(source: string, target: string, condition?: string): JsonObject {
  const [from, handle] = source.split(':');
  return {
    source: from ?? '',
    target,
    ...(handle === undefined ? {} : { sourceHandle: handle }),
    ...(condition === undefined ? {} : { condition }),
  };
}

export function graph(nodes: readonly JsonObject[], edges: readonly JsonObject[] = []): JsonObject {
  return { name: 'Test', nodes, edges };
}

/** Create and execute. */
export function started(definition: JsonObject, input?: Json, now: EpochMs = 0): readonly Input[] {
  return [
    command('CreateWorkflow', { definition }, now),
    command('ExecuteWorkflow', { executionId, ...(input === undefined ? {} : { input }) }, now),
  ];
}

/** A task's success. */
export function done(unitId: string, output?: Json, now: EpochMs = 0, attempt = 1): Input {
  const nodes = output === undefined ? {} : { [unitId]: { output } };
  return signal('NodeOutcomeReported', { unitId, attempt, outcome: { status: 'completed', nodes } }, now);
}

/** A task's failure. */
export function failed(unitId: string, now: EpochMs = 0, attempt = 1, code = 'BOOM'): Input {
  const outcome = { status: 'failed', error: { code, message: 'it broke' } } as const;
  return signal('NodeOutcomeReported', { unitId, attempt, outcome }, now);
}
