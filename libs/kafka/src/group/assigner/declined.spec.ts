import { describe, expect, it } from 'vitest';
import { respectDeclined } from './declined.js';

const assigned = (given: Record<string, number[]>) => new Map(Object.entries(given));
const once = (given: Record<string, number[]>, declined: Record<string, number[]>) =>
  Object.fromEntries([...respectDeclined(assigned(given), assigned(declined))].map(([member, own]) => [member, own.sort((a, b) => a - b)]));

describe('what a member declines', () => {
  it('goes to one with fewer, or in exchange to one with as many', () => {
    expect(once({ a: [0, 1], b: [2] }, { a: [0] })).toEqual({ a: [1], b: [0, 2] });
    expect(once({ a: [0, 1], b: [2, 3] }, { a: [0] })).toEqual({ a: [1, 2], b: [0, 3] });
  });

  it('is not exchanged for something else that it declines', () => {
    expect(once({ a: [0, 1], b: [2, 3] }, { a: [0, 2] })).toEqual({ a: [1, 3], b: [0, 2] });
  });

  it('stays where everybody declines it, or nobody else is there', () => {
    expect(once({ a: [0], b: [1] }, { a: [0], b: [0] })).toEqual({ a: [0], b: [1] });
    expect(once({ a: [0, 1] }, { a: [1] })).toEqual({ a: [0, 1] });
  });

  it('leaves everything else alone', () => {
    const given = { a: [0, 1, 2], b: [3, 4], c: [5, 6] };
    expect(once(given, {})).toEqual(given);
    expect(once(given, { b: [0] })).toEqual(given);
  });
});
