import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mintCommandId } from '#protocol';
import { AnswerMemory } from './answer-memory.js';
import { commandHash, derivedExecutionId } from './command-identity.js';
import { SeenFilter } from './seen-filter.js';

const answer = { ok: true, result: { workflowId: 'w' } } as const;
const since = 1_000_000;
const skewMs = 2_000;

describe('ids of commands and executions', () => {
  it('derives the same execution id for every repeat, of a form of its own', () => {
    expect(derivedExecutionId('w', 'c')).toBe(derivedExecutionId('w', 'c'));
    expect(derivedExecutionId('w', 'c')).toMatch(/^x[a-z2-7]{26}$/);
    expect(derivedExecutionId('w', 'c')).not.toBe(derivedExecutionId('v', 'c'));
    expect(new Set(Array.from({ length: 2_000 }, (_, i) => derivedExecutionId('w', `${i}`))).size).toBe(2_000);
  });

  it('tells bodies apart', () => {
    expect(commandHash('CancelExecution', 'w', { executionId: 'a' })).not.toBe(commandHash('CancelExecution', 'w', { executionId: 'b' }));
  });
});

describe('the seen filter', () => {
  it('never forgets an id decided since it says', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (ids) => {
        const filter = new SeenFilter(0);
        for (const id of ids) filter.add(id, 1);
        expect(ids.every((id) => filter.mayContain(id))).toBe(true);
      }),
    );
  });

  it('knows few false alarms, and moves its beginning up when it turns over', () => {
    const filter = new SeenFilter(5);
    for (let i = 0; i < 150_000; i += 1) filter.add(`id-${i}`, 10 + i);
    expect(filter.since).toBe(10 + 65_536);
    expect(filter.mayContain('id-149999')).toBe(true);
    expect(filter.mayContain('id-70000')).toBe(true);
    const alarms = Array.from({ length: 10_000 }, (_, i) => filter.mayContain(`other-${i}`)).filter(Boolean).length;
    expect(alarms).toBeLessThan(100);
  });
});

describe('first answers', () => {
  it('are remembered once, and stay the first', () => {
    const memory = new AnswerMemory(since, skewMs);
    memory.remember({ commandId: 'c', commandHash: 'h', at: since, answer }, since);
    memory.remember({ commandId: 'c', commandHash: 'other', at: since, answer: { ok: false, code: 'X', message: '' } }, since);
    expect(memory.get('c')).toEqual({ commandHash: 'h', answer });
    expect(memory.unsaved()).toHaveLength(1);
    memory.saved(memory.unsaved());
    expect(memory.unsaved()).toEqual([]);
    expect(memory.get('c')).toBeDefined();
  });

  it('need a look-up for any id that does not carry its birth', () => {
    const memory = new AnswerMemory(since, skewMs);
    expect(memory.needsLookUp('anything')).toBe(true);
    memory.lookedUp('anything', undefined);
    expect(memory.needsLookUp('anything')).toBe(false);
  });

  it('need none for a minted id born well after this owner began, until it is decided', () => {
    const memory = new AnswerMemory(since, skewMs);
    const young = mintCommandId(since + 2 * skewMs + 1, 'r');
    expect(memory.needsLookUp(young)).toBe(false);
    expect(memory.needsLookUp(mintCommandId(since + 2 * skewMs, 'r'))).toBe(true);
    memory.saw(young, since + 5_000);
    expect(memory.needsLookUp(young)).toBe(true);
  });

  it('name an id from the future', () => {
    const memory = new AnswerMemory(since, skewMs);
    expect(memory.isFromTheFuture(mintCommandId(since + skewMs + 1, 'r'), since)).toBe(true);
    expect(memory.isFromTheFuture(mintCommandId(since + skewMs, 'r'), since)).toBe(false);
    expect(memory.isFromTheFuture('anything', since)).toBe(false);
  });
});
