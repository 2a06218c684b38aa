import { describe, expect, it } from 'vitest';
import { allRules, type RuntimeRules } from '#runtime';
import { type Mutant, runSeeds, simulationCore } from './index.js';

const seeds = Number(process.env.MILLRACE_MUTANT_SEEDS ?? 600);
const rules = Object.keys(allRules) as (keyof RuntimeRules)[]; // the object's own type

/** Rules that few runs need: a run that does. */
const rare: Partial<Record<keyof RuntimeRules, number>> = { auditUnseen: 701_289 };

async function firstViolation(mutant: Mutant, first = 1): Promise<string> {
  const report = await runSeeds({ first, count: seeds }, { core: simulationCore(), mutant });
  return report.failure?.violation?.invariant ?? `nothing in ${seeds} seeds`;
}

describe('the simulation notices', () => {
  it.each(rules)('when the rule %s is off', async (rule) => {
    expect(await firstViolation({ rules: { [rule]: false } }, rare[rule])).toMatch(/^I-\d\d$/);
  });

  it('when a batch arrives in two parts (L3)', async () => {
    expect(await firstViolation({ splitBatches: true })).toMatch(/^I-\d\d$/);
  });

  it('when a request is written to the socket again (L4)', async () => {
    expect(await firstViolation({ resend: true })).toMatch(/^I-\d\d$/);
  });

  it('when the statement of a snapshot batch is not one (L10)', async () => {
    expect(await firstViolation({ looseStatements: true })).toMatch(/^I-\d\d$/);
  });
});
