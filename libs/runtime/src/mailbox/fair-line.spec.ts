import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairLine } from './fair-line.js';
import type { MailInput, SignalInput } from './inputs.js';

const input = (workflowId: string, executionId: string): SignalInput => ({
  kind: 'signal',
  entityKey: `${workflowId}/${executionId}`,
  signal: { type: 'WakeUp', workflowId, executionId, now: 0 },
});
const nameOf = (taken: MailInput | undefined) => (taken?.kind === 'signal' ? taken.entityKey : undefined);

function lineOf(maxOvertaken: number, names: readonly string[]): FairLine {
  const line = new FairLine(maxOvertaken);
  for (const name of names) line.push(input(name.slice(0, 1), name));
  return line;
}

function drain(line: FairLine): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  for (let name = nameOf(line.take()); name !== undefined; name = nameOf(line.take())) names.push(name.slice(2));
  return names;
}

describe('the fair line', () => {
  it('serves one workflow after the other, each in its order', () => {
    expect(drain(lineOf(100, ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']))).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('lets at most so many overtake the oldest', () => {
    const line = lineOf(2, ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'b4']);
    expect(drain(line)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4', 'b3', 'b4']);
  });

  it('puts what is put back before everything else of its workflow', () => {
    const line = lineOf(100, ['a1', 'a2', 'b1']);
    const first = line.take();
    expect(nameOf(first)).toBe('a/a1');
    if (first !== undefined) line.unshift(first);
    expect(line.size).toBe(3);
    expect(drain(line)).toEqual(['b1', 'a1', 'a2']);
  });

  it('loses and doubles nothing, and keeps each workflow’s order', () => {
    const step = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant('take'), fc.constant('back'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 5 }), (steps, maxOvertaken) => {
        const line = new FairLine(maxOvertaken);
        const waiting: string[] = []; // by age
        let count = 0;
        const take = () => {
          const taken = line.take();
          const name = nameOf(taken);
          expect(name === undefined).toBe(waiting.length === 0);
          if (name === undefined || taken === undefined) return undefined;
          const older = waiting.slice(0, waiting.indexOf(name));
          expect(older.filter((one) => one.startsWith(name.slice(0, 2)))).toEqual([]); // its workflow's oldest
          waiting.splice(waiting.indexOf(name), 1);
          return taken;
        };
        for (const one of steps) {
          const back = one === 'back' ? take() : undefined;
          if (back !== undefined) {
            line.unshift(back);
            waiting.unshift(nameOf(back) ?? '');
          } else if (one === 'take') take();
          else if (one !== 'back') {
            line.push(input(one, `${count}`));
            waiting.push(`${one}/${count}`);
            count += 1;
          }
          expect(line.size).toBe(waiting.length);
        }
        while (take() !== undefined);
      }),
    );
  });
});
