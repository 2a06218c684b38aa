import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppProcess } from '#testing/cluster';
import { percentile } from './closed-loop.js';

/** A line that an engine logged under an event's name; `time` is ISO 8601. */
export type EngineEvent<Fields> = Fields & { readonly time: string; readonly event: string };

/** The events that an engine has logged since then, epoch milliseconds; it must run at log level `info`. */
export function engineEvents<Fields>(engine: AppProcess, since: number): EngineEvent<Fields>[] {
  const text = readFileSync(join(engine.options.logDirectory, `${engine.instance}.log`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes('"event"'))
    .map((line) => JSON.parse(line) as EngineEvent<Fields>)
    .filter(({ time }) => Date.parse(time) >= since);
}

/** What an engine logged of one partition's recovery (`recovery.completed`). */
export interface Recovery {
  readonly partition: number;
  readonly durationMs: number;
  readonly recordsRead: number;
  readonly entitiesLoaded: number;
  readonly rebuilt: boolean;
}

/** The recoveries that an engine has logged since then; one of the same name may have logged before. */
export function recoveriesOf(engine: AppProcess, since: number): Recovery[] {
  return engineEvents<Recovery>(engine, since).filter(({ event }) => event === 'recovery.completed');
}

/** Recoveries as figures of one line. */
export function recoveryFigures(recoveries: readonly Recovery[]) {
  const durations = recoveries.map(({ durationMs }) => durationMs);
  return {
    partitions: recoveries.length,
    recoveryP50Ms: percentile(durations, 50),
    recoveryMaxMs: percentile(durations, 100),
    recordsRead: recoveries.reduce((sum, { recordsRead }) => sum + recordsRead, 0),
    entitiesLoaded: recoveries.reduce((sum, { entitiesLoaded }) => sum + entitiesLoaded, 0),
    rebuilt: recoveries.filter(({ rebuilt }) => rebuilt).length,
  };
}
