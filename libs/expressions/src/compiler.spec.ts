import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from './testing/run.js';

const finiteNumber = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 });

describe('numbers', () => {
  it.each([
    ['7 / 2', 3.5],
    ['value * 2', 42],
    ['value % 2 == 0', false],
    ['value * 1.5 > 31', true],
    ['-value', -21],
    ['0 * -1', 0],
    ['1u + 2', 3],
    ['int(7.9) + int("-3")', 4],
    ['round(1.005, 2)', 1.01],
    ['round(-2.5)', -3],
    ['max(1, 2.5, value)', 21],
    ['min([3, 1, 2])', 1],
    ['value in [20, 21.0]', true],
    ['size([1, 2]) + "héé".size()', 5],
  ])('%s is %j', (text, expected) => {
    expect(run(text, { value: 21 })).toStrictEqual(expected);
  });

  it.each(['1 / 0', '1 % 0', 'value / (value - value)', '1e308 * 10', 'sqrt(-1)', 'pow(10, 400)'])(
    '%s is an error, not Infinity or NaN',
    (text) => {
      expect(run(text, { value: 3 })).toHaveProperty('error');
    },
  );

  it('computes like JSON numbers whatever the operands', () => {
    fc.assert(
      fc.property(finiteNumber, finiteNumber, (a, b) => {
        expect(run('a + b', { a, b })).toBe(a + b + 0);
        expect(run('a * b', { a, b })).toBe(a * b + 0);
        expect(run('a < b', { a, b })).toBe(a < b);
        expect(run('a == b', { a, b })).toBe(a === b);
        if (b !== 0) expect(run('a % b', { a, b })).toBe((a % b) + 0);
      }),
    );
  });

  it('mixes literals of both kinds with values', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (value, factor) => {
        expect(run(`value * ${factor}`, { value })).toBe(value * factor + 0);
        expect(run(`value * ${factor}.0`, { value })).toBe(value * factor + 0);
        expect(run(`value >= ${factor}`, { value })).toBe(value >= factor);
      }),
    );
  });

  it('refuses an integer that a JSON number cannot hold exactly', () => {
    expect(run('9007199254740993')).toHaveProperty('compileError');
  });
});

describe('texts', () => {
  it.each([
    ['name.upper()', 'ANNA, B'],
    ['name.trim().size()', 7],
    ['name.split(", ")', ['anna', 'b']],
    ['"a-b-c".split("-", 2)', ['a', 'b-c']],
    ['name.replace("n", "m")', 'amma, b'],
    ['"aaa".replace("a", "b", 2)', 'bba'],
    ['name.substring(1, 3)', 'nn'],
    ['"😀x".substring(1)', 'x'],
    ['"😀x".indexOf("x")', 1],
    ['"abc".indexOf("z")', -1],
    ['"abcb".lastIndexOf("b")', 3],
    ['"abc".charAt(1)', 'b'],
    ['name.startsWith("an") && name.endsWith("b") && name.contains("na")', true],
    ['name.matches("^a.*b$")', true],
    ['["a", "b"].join("+")', 'a+b'],
    ['string(12) + "!"', '12!'],
    ['name < "b"', true],
  ])('%s is %j', (text, expected) => {
    expect(run(text, { name: 'anna, b' })).toStrictEqual(expected);
  });

  it('says what was wrong', () => {
    expect(run('name * 2', { name: 'x' })).toEqual({ error: "'*' cannot be applied to string and number (in `name * 2`)" });
    expect(run('name.substring(9)', { name: 'x' })).toEqual({
      error: 'position 9 is outside a text of 1 characters (in `name.substring(9)`)',
    });
    expect(run('name.matches("(")', { name: 'x' })).toHaveProperty('error');
  });
});

describe('names', () => {
  const scope = { input: { limit: 3 }, nodes: { first: { output: { count: 5 } } }, execution: { id: 'e1', workflowId: 'w', startedAt: 7 } };

  it('sees the record at the top level and whole, the input, earlier results and the execution', () => {
    const record = { price: 2, quantity: 60 };
    expect(run('price * quantity > 100', scope, record)).toBe(true);
    expect(run('record.price + input.limit + nodes.first.output.count', scope, record)).toBe(10);
    expect(run('execution.id + "/" + execution.workflowId', scope, record)).toBe('e1/w');
  });

  it('sees a bare record as value, and a field named value first', () => {
    expect(run('value + 1', scope, 4)).toBe(5);
    expect(run('value + 1', scope, { value: 7 })).toBe(8);
    expect(run('record.value + record.size()', scope, { value: 7 })).toBe(8);
  });

  it('keeps input, nodes and execution for the execution where the record has such a field', () => {
    expect(run('input.limit + record.input', scope, { input: 10 })).toBe(13);
  });

  it('names what is missing', () => {
    expect(run('prize > 3', scope, { price: 2 })).toEqual({ error: 'no such field or name: prize (in `prize > 3`)' });
    expect(run('record.a.b', scope, { a: {} })).toEqual({ error: 'no such field: b (in `record.a.b`)' });
    expect(run('a.b', scope, { a: null })).toEqual({ error: 'null has no field b (in `a.b`)' });
  });

  it('tells by has() what is there, at any depth, null included', () => {
    expect(run('has(record.a)', scope, { a: null })).toBe(true);
    expect(run('has(record.b.c.d)', scope, { a: null })).toBe(false);
    expect(run('has(nowhere.a)', scope)).toBe(false);
    expect(run('has(nodes.first.output.count)', scope)).toBe(true);
  });

  it('takes nothing from the prototype of a record', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(run(name, {}, {})).toHaveProperty('error');
      expect(run(`has(record.${name})`, {}, {})).toBe(false);
      expect(run(`"${name}" in record`, {}, {})).toBe(false);
    }
    expect(run('{"__proto__": 1}["__proto__"]')).toBe(1);
  });

  it('reads odd field names through an index', () => {
    expect(run('record["unit price"] * 2', {}, { 'unit price': 4 })).toBe(8);
  });
});

describe('logic', () => {
  it('lets the deciding side win over a failing one', () => {
    expect(run('missing > 1 || true')).toBe(true);
    expect(run('missing > 1 && false')).toBe(false);
    expect(run('missing > 1 && true')).toHaveProperty('error');
    expect(run('false || missing > 1')).toHaveProperty('error');
  });

  it('demands booleans', () => {
    expect(run('1 && true')).toHaveProperty('error');
    expect(run('value ? 1 : 2', { value: 'yes' })).toHaveProperty('error');
  });

  it('compares deeply and across types without error', () => {
    expect(run('{"a": [1, 2.0]} == record', {}, { a: [1, 2] })).toBe(true);
    expect(run('"1" == 1')).toBe(false);
    expect(run('record.a != null', {}, { a: null })).toBe(false);
  });
});

describe('macros', () => {
  it.each([
    ['[1, 2, 3].map(x, x * 2)', [2, 4, 6]],
    ['[1, 2, 3].filter(x, x > 1)', [2, 3]],
    ['[1, 2, 3].map(x, x > 1, x * 10)', [20, 30]],
    ['[1, 2, 3].exists_one(x, x == 2)', true],
    ['[[1, 2], [3]].map(x, x.map(y, y + x.size()))', [[3, 4], [4]]],
    [
      '[1, 2].map(x, [3, 4].map(x, x))',
      [
        [3, 4],
        [3, 4],
      ],
    ],
    ['{"a": 1, "b": 2}.all(k, k < "c")', true],
    ['["a", 1].exists(x, x > 0)', true],
    ['["a", 1].all(x, x > 3)', false],
    ['[1].map(x, x) + [2].map(x, x)', [1, 2]],
  ])('%s is %j', (text, expected) => {
    expect(run(text)).toStrictEqual(expected);
  });

  it('fails when an undecided element failed', () => {
    expect(run('["a", 1].all(x, x > 0)')).toHaveProperty('error');
  });

  it('maps 100,000 elements without copying the list each time', () => {
    const items = Array.from({ length: 100_000 }, (_, index) => index);
    const result = run('items.map(x, x + 1)', { items });
    expect(Array.isArray(result) && result.length).toBe(100_000);
  });

  it('leaves the input unchanged', () => {
    const items = Object.freeze([1, 2]);
    expect(run('items + items.map(x, x)', { items })).toEqual([1, 2, 1, 2]);
    expect(run('items', { items })).toEqual([1, 2]);
  });
});
