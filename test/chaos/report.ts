import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEffects } from './checker/effects.js';
import type { RunEvidence } from './run-evidence.js';
import { slopeOf } from './world/vitals.js';

/** How a run went. */
export interface Summary {
  readonly directory: string;
  readonly violations: readonly string[];
  readonly lines: readonly string[];
}

/** One line while it runs. */
export function progressText({ startedAt, ledger, history, faults, watcher, injector }: RunEvidence): string {
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  const ended = [...history.executions.values()].filter(({ end }) => end !== undefined).length;
  const seen = history.violations.length + watcher.violations.length + injector.violations.length;
  return [
    `${seconds} s`,
    `${faults.entries.length} faults (now: ${current(faults.entries)})`,
    `${ledger.entries.length} commands`,
    `${ended}/${history.executions.size} executions ended`,
    `${history.events} events`,
    `${history.fences} fences`,
    `${seen} violations so far`,
  ].join(', ');
}

function current(entries: readonly { readonly to: number | undefined; readonly kind: string }[]): string {
  return (
    entries
      .filter(({ to }) => to === undefined)
      .map(({ kind }) => kind)
      .join(' + ') || 'none'
  );
}

/** Writes the violations beside the logs and says it all in a few lines. */
export function summaryOf(run: RunEvidence, found: readonly string[]): Summary {
  const violations = found.map((violation) => withFaults(violation, run));
  const { ledger, history, faults, world, watcher, options } = run;
  const standings = (['acknowledged', 'durable', 'refused', 'unknown'] as const).map((each) => `${ledger.count(each)} ${each}`);
  const ends = countBy([...history.executions.values()].map(({ end }) => end?.type ?? 'open'));
  const effects = countBy(readEffects(world.effectsDirectory).map(({ kind }) => kind));
  const lost = [...history.executions.values()].reduce((sum, trace) => sum + trace.lost, 0);
  const lines = [
    `seed ${options.seed}: ${faults.entries.length} faults: ${text(faults.counts())}`,
    `commands: ${ledger.entries.length}: ${standings.join(', ')}; ${watcher.questions} questions`,
    `executions: ${history.executions.size}: ${text(ends)}; attempts lost ${lost}`,
    `log: ${history.events} events, ${history.fences} fences, ${history.skipped} late records skipped; effects: ${text(effects)}`,
    ...vitalsLines(run),
    `violations: ${violations.length}`,
  ];
  writeFileSync(join(world.directory, 'violations.txt'), violations.map((violation) => `${violation}\n`).join(''));
  writeFileSync(join(world.directory, 'ledger.jsonl'), ledger.entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  writeFileSync(join(world.directory, 'vitals.jsonl'), run.vitals.samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  return { directory: world.directory, violations, lines };
}

/** The first time that a violation names, with what went wrong around it. */
function withFaults(violation: string, { faults }: RunEvidence): string {
  const time = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(violation)?.[0];
  return time === undefined ? violation : `${violation} [faults around: ${faults.around(Date.parse(time)).join('; ') || 'none'}]`;
}

function vitalsLines({ vitals: { samples }, world }: RunEvidence): string[] {
  const slope = (what: (sample: (typeof samples)[number]) => number | undefined) => slopeOf(samples, what)?.toFixed(2) ?? '?';
  const peak = (what: (sample: (typeof samples)[number]) => number | undefined) =>
    Math.max(0, ...samples.map((sample) => what(sample) ?? 0));
  const memory = world.all.map(({ place }) => `${place} ${peak((s) => s.rssMb[place])} MiB (${slope((s) => s.rssMb[place])}/min)`);
  return [
    `memory at its peak and its slope over the second half: ${memory.join(', ')}`,
    `group lag at most ${peak((s) => s.lag)} (${slope((s) => s.lag)}/min); events that no snapshot covers at most ${peak((s) => s.uncovered)} (${slope((s) => s.uncovered)}/min)`,
  ];
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function text(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `${word} ${count}`)
    .join(', ');
}
