import type { Effect } from './effects.js';
import type { ExecutionTrace } from './execution-trace.js';
import type { History } from './history.js';
import { placeText } from './workflow-trace.js';

/**
 * Effects against the log: each began once, after its attempt's start was a fact; an attempt that the log calls completed has left its
 * effect. An effect happens again only as a further attempt, and the log says why there was one (see ExecutionTrace).
 */
export function checkEffects(history: History, effects: readonly Effect[]): string[] {
  const violations: string[] = [];
  const traces = new Map([...history.executions.values()].map((trace) => [trace.executionId, trace]));
  const counts = new Map<string, number>();
  for (const { kind, executionId, nodeId, attempt } of effects) {
    const key = `${kind} ${executionId} ${nodeId}#${attempt}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const effect of effects) {
    if (effect.kind === 'start') violations.push(...strayEffect(effect, traces.get(effect.executionId)));
  }
  for (const [key, count] of counts) if (count > 1) violations.push(`effect happened ${count} times: ${key}`);
  for (const trace of traces.values()) violations.push(...missingEffects(trace, counts));
  return violations;
}

function strayEffect({ executionId, nodeId, attempt, instance, time }: Effect, trace: ExecutionTrace | undefined): string[] {
  if (trace?.attempts.has(`${nodeId}#${attempt}`)) return [];
  return [`effect without a start in the log: ${executionId} ${nodeId}#${attempt} on ${instance} at ${new Date(time).toISOString()}`];
}

function missingEffects({ executionId, attempts }: ExecutionTrace, counts: ReadonlyMap<string, number>): string[] {
  const missing: string[] = [];
  for (const [id, { nodeType, outcome, startedAt }] of attempts) {
    if (!nodeType.startsWith('chaos.') || nodeType === 'chaos.pace') continue;
    if (outcome === 'completed' && !counts.has(`done ${executionId} ${id}`))
      missing.push(`completed without its effect: ${executionId} ${id}, started at ${placeText(startedAt)}`);
    const failed = outcome === 'failed' || outcome === 'retrying';
    if (failed && !counts.has(`failed ${executionId} ${id}`))
      missing.push(`failed without having run: ${executionId} ${id}, started at ${placeText(startedAt)}`);
  }
  return missing;
}
