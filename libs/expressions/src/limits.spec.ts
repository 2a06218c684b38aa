import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '#core';
import { createExpressionCompiler } from './compiler.js';
import { run } from './testing/run.js';

describe('limits', () => {
  it('stops an expression that would run for minutes', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => index);
    expect(run('items.map(x, items.filter(y, y == x))', { items })).toMatchObject({ error: expect.stringContaining('1000000 steps') });
  });

  it('stops a small graph whose JSON would be huge', () => {
    expect(run(`[[1]]${'.map(x, [x, x])'.repeat(60)}`)).toHaveProperty('error');
    expect(run(`["a"]${'.map(x, x + x)'.repeat(60)}`)).toHaveProperty('error');
    expect(run(`"${'a'.repeat(1000)}"${`.replace("a", "${'a'.repeat(200)}")`.repeat(6)}`)).toHaveProperty('error');
  });

  it.each([
    '((((',
    'a +',
    '1 = 2',
    "b'x'",
    'foo(1)',
    'a.foo()',
    'a.split()',
    'Foo{a: 1}',
    '',
    'a'.repeat(20_000),
    '('.repeat(5_000),
    '['.repeat(2_000) + ']'.repeat(2_000),
  ])('refuses to compile %.20s', (text) => {
    expect(run(text)).toHaveProperty('compileError');
  });

  it('survives any text and any value', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, value) => {
        run(text, {}, value as Json);
      }),
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('value + 1', 'value < 3', 'value.upper()', 'value.map(x, x)', '>50', 'trim', 'value == value'),
        (value, text) => {
          const result = run(text, {}, value as Json);
          expect(() => JSON.stringify(result)).not.toThrow();
        },
      ),
    );
  });

  it('gives the same object for the same text and forgets the least recently used', () => {
    const compiler = createExpressionCompiler(2);
    const first = compiler.compile('1');
    compiler.compile('2');
    expect(compiler.compile('1')).toBe(first);
    compiler.compile('3');
    expect(compiler.compile('1')).toBe(first);
    compiler.compile('2');
    compiler.compile('3');
    expect(compiler.compile('1')).not.toBe(first);
  });
});
