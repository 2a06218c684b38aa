import { describe, expect, it } from 'vitest';
import { inferType } from './column-types.js';
import { columnsOf, readRow } from './csv-columns.js';

describe('column types', () => {
  it.each([
    [['1', '-2', '', '30'], 'integer'],
    [['1', '2.5', '.5', '1e3'], 'number'],
    [['true', 'FALSE'], 'boolean'],
    [['2024-02-29', '2024-12-01'], 'date'],
    [['2024-02-29T10:00:00Z', '2024-02-29 10:00'], 'timestamp'],
    [['01234', '99999'], 'text'],
    [['12', 'n/a'], 'text'],
    [['', ''], 'text'],
    [['12345678901234567890'], 'text'],
    [['0.12345678901234567', '1.'], 'number'],
    [['.', '-'], 'text'],
  ])('infers %j as %s', (fields, type) => {
    expect(inferType(fields)).toBe(type);
  });

  it('reads rows by inferred types, an empty field as null but in text as an empty text', () => {
    const columns = columnsOf(['n', 't', 'b'], [['1', 'x', 'true']], undefined);
    expect(readRow(columns, ['2.5', '', 'False'])).toEqual({ n: 2.5, t: '', b: false });
    expect(readRow(columns, ['', 'y', ''])).toEqual({ n: null, t: 'y', b: null });
  });

  it('names the column and value that do not fit', () => {
    const columns = columnsOf(['n'], [['1']], undefined);
    expect(readRow(columns, ['n/a'])).toContain('column `n` holds "n/a"');
    expect(readRow(columns, ['1', '2'])).toContain('2 fields');
    expect(readRow(columns, ['12345678901234567890'])).toContain('no integer');
  });

  it('follows declared types, for all or by column', () => {
    expect(readRow(columnsOf(['zip', 'n'], [['1', '2']], 'text'), ['01', '2'])).toEqual({ zip: '01', n: '2' });
    expect(readRow(columnsOf(['zip', 'n'], [['1', '2']], { zip: 'text' }), ['01', '2'])).toEqual({ zip: '01', n: 2 });
    expect(readRow(columnsOf(['n'], [], { n: 'integer' }), ['1.5'])).toContain('no integer');
    expect(() => columnsOf(['n'], [], { m: 'text' })).toThrow(/does not have: m/);
  });

  it('keeps repeated, empty and dangerous column names apart', () => {
    expect(columnsOf(['a', 'a', '', '__proto__'], [], undefined).map(({ name }) => name)).toEqual(['a', 'a_2', 'column3', 'column4']);
  });
});
