import { existsSync, readFileSync } from 'node:fs';
import { percentile } from './closed-loop.js';

/** A line that a `bench.slow` step left: `s` before, `d` after its 100 ms. `at` in epoch milliseconds. */
export interface StepEvent {
  readonly at: number;
  readonly instance: string;
  readonly executionId: string;
  readonly step: number;
  readonly kind: string;
}

/** The steps of these executions, oldest first. A last line cut off by a kill is left out. */
export function readSteps(file: string, executions: ReadonlyMap<string, unknown>): StepEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines
    .map((line) => line.split(' '))
    .filter((words) => words.length === 5 && executions.has(words[2] ?? ''))
    .map(([at, instance = '', executionId = '', step, kind = '']) => ({ at: Number(at), instance, executionId, step: Number(step), kind }))
    .sort((a, b) => a.at - b.at);
}

/** Executions whose latest event came from this instance and that had not done their last step. */
export function openOn(instance: string, events: readonly StepEvent[], lastStep: number): string[] {
  const latest = new Map(events.map((event) => [event.executionId, event]));
  return [...latest.values()]
    .filter((event) => event.instance === instance && !(event.kind === 'd' && event.step === lastStep))
    .map(({ executionId }) => executionId);
}

/** What the kill of one instance at `killedAt` meant: milliseconds until what was on it went on elsewhere, and what was done twice. */
export function failoverFigures(events: readonly StepEvent[], instance: string, killedAt: number, lastStep: number) {
  const open = openOn(
    instance,
    events.filter(({ at }) => at <= killedAt),
    lastStep,
  );
  const after = events.filter((event) => event.at > killedAt && event.instance !== instance);
  const gaps = open.flatMap((id) => after.find(({ executionId }) => executionId === id)?.at ?? []).map((at) => at - killedAt);
  return {
    openOnKilled: open.length,
    wentOn: gaps.length,
    firstProgressMs: percentile(gaps, 0),
    progressP50Ms: percentile(gaps, 50),
    longestGapMs: percentile(gaps, 100),
    stepsStartedTwice: repeated(events, 's'),
    stepsDoneTwice: repeated(events, 'd'),
  };
}

function repeated(events: readonly StepEvent[], kind: string): number {
  const counts = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== kind) continue;
    const key = `${event.executionId} ${event.step}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].filter((count) => count > 1).length;
}
