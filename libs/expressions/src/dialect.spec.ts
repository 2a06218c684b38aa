import { describe, expect, it } from 'vitest';
import { run } from './testing/run.js';

describe('the old dialect', () => {
  it.each([
    ['>50', 51, true],
    ['> 50', '51', true],
    ['>=50', { value: 50 }, true],
    ['<50', 50, false],
    ['=5', 5, true],
    ['!=5', 5, false],
    ['X > 50', 60, true],
    ['X > 50', '40', false],
    ['X > 50', { X: 70, value: 1 }, true],
    ["contains 'T'", 'aTb', true],
    ["contains 'T'", { a: 'x', b: 'T' }, true],
    ['contains T', 'abc', false],
    ['toUpperCase', 'ab', 'AB'],
    ['toLowerCase', 'AB', 'ab'],
    ['trim', ' a ', 'a'],
    ['prefix:T', 'ab', 'Tab'],
    ['prefix: ', 5, ' 5'],
    ['value * 2', 4, 8],
    ['toUpperCase', { a: 'x,y', b: 2, c: null }, '"X,Y",2,'],
  ])('%s on %j is %j', (text, record, expected) => {
    expect(run(text, {}, record)).toStrictEqual(expected);
  });

  it('says what is wrong with a record that is no number', () => {
    expect(run('>50', {}, 'abc')).toEqual({ error: "'>' cannot be applied to string and number (in `>50`)" });
  });
});
