import { describe, expect, it } from 'vitest';
import { describeFailure, runSeed, runSeeds, simulationCore } from './index.js';

const seeds = Number(process.env.MILLRACE_SIM_SEEDS ?? 2000);

describe('the simulation', () => {
  it(`breaks no invariant in ${seeds} seeds`, async () => {
    const report = await runSeeds({ first: 1, count: seeds }, { core: simulationCore() });
    expect(report.failure === undefined ? '' : describeFailure(report.failure)).toBe('');
    expect(report.seeds).toBe(seeds);
    // The runs do something: without this, a program that never starts would pass.
    expect(report.replies).toBeGreaterThan(seeds * 10);
    expect(report.records).toBeGreaterThan(seeds * 40);
    expect(report.fences).toBeGreaterThan(seeds * 2);
  });

  // Each broke an invariant once, in a longer run than this one.
  it.each([5402, 75090, 500921, 533586, 562096, 701289, 913836, 1117063])('keeps seed %i whole', async (seed) => {
    const report = await runSeeds({ first: seed, count: 1 }, { core: simulationCore() });
    expect(report.failure === undefined ? '' : describeFailure(report.failure)).toBe('');
  });

  it('tells a failing seed with its invariant, how to replay it, and its trace', async () => {
    const mutant = { rules: { answerAfterConfirm: false } };
    const { failure } = await runSeeds({ first: 1, count: 20 }, { core: simulationCore(), mutant });
    if (failure === undefined) throw new Error('nothing failed');
    const text = describeFailure(failure);
    expect(text).toMatch(new RegExp(`^seed ${failure.seed}: I-06 at \\d+ ms: `));
    expect(text).toContain(`--seed ${failure.seed} --seeds 1`);
    expect(text).toContain('OwnerFenced');
  });

  it('replays a seed event for event', async () => {
    const once = await runSeed(7, { core: simulationCore(), traced: true });
    const again = await runSeed(7, { core: simulationCore(), traced: true });
    expect(again.trace).toEqual(once.trace);
    expect(once.trace.length).toBeGreaterThan(50);
  });
});
