import { runSeed, type SeedOptions, type SeedResult } from './run-seed.js';

export interface SeedsReport {
  readonly seeds: number;
  /** The first seed that broke an invariant, run again with a trace; undefined when none did. */
  readonly failure: SeedResult | undefined;
  readonly events: number;
  readonly records: number;
  readonly fences: number;
  readonly replies: number;
}

/** Runs seeds `first … first + count - 1` until one breaks an invariant. `onSeed` hears of each. */
export async function runSeeds(
  range: { readonly first: number; readonly count: number },
  options: SeedOptions,
  onSeed: (result: SeedResult) => void = () => undefined,
): Promise<SeedsReport> {
  const sum = { events: 0, records: 0, fences: 0, replies: 0 };
  for (let index = 0; index < range.count; index += 1) {
    const result = await runSeed(range.first + index, options);
    sum.events += result.events;
    sum.records += result.records;
    sum.fences += result.fences;
    sum.replies += result.replies;
    onSeed(result);
    if (result.violation !== undefined) {
      const failure = await runSeed(result.seed, { ...options, traced: true });
      return { ...sum, seeds: index + 1, failure };
    }
  }
  return { ...sum, seeds: range.count, failure: undefined };
}

/** A failing seed as a reader wants it: what broke, how to run it again, and the last lines of its trace. */
export function describeFailure({ seed, violation, trace }: SeedResult, lines = 120): string {
  const head = violation === undefined ? 'no invariant broken' : `${violation.invariant} at ${violation.atMs} ms: ${violation.message}`;
  const skipped = Math.max(0, trace.length - lines);
  return [
    `seed ${seed}: ${head}`,
    `replay: npm run simulate -- --seed ${seed} --seeds 1`,
    ...(skipped > 0 ? [`… ${skipped} earlier lines`] : []),
    ...trace.slice(-lines),
  ].join('\n');
}
