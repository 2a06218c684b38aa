import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJson } from './task-json.js';

describe('a result as JSON', () => {
  it('is an equal copy of any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = toJson(value);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('leaves undefined fields out and reads undefined list elements as null, as JSON does', () => {
    expect(toJson({ a: undefined, b: [undefined, 1] })).toEqual({ b: [null, 1] });
  });

  it('takes objects without a prototype and a field named __proto__', () => {
    expect(toJson(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
    expect(JSON.stringify(toJson(JSON.parse('{"__proto__": 1}')))).toBe('{"__proto__":1}');
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  it.each([
    [{ when: new Date() }, /result\.when is a Date/],
    [{ list: [1, Number.NaN] }, /result\.list\[1\] is NaN/],
    [10n, /result is a bigint/],
    [() => 1, /result is a function/],
    [new Map(), /result is a Map/],
    [Symbol('x'), /result is a symbol/],
    [cycle, /nested more than 500 levels deep, or a cycle/],
  ])('refuses what JSON cannot hold, with its place', (value, message) => {
    expect(() => toJson(value)).toThrow(message);
  });
});
