import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField } from './csv-line.js';
import { parseRows } from './csv-rows.js';
import { endsInsideQuotes, firstRecordEnd, lastRecordEnd } from './csv-scan.js';

const field = fc.string({ unit: fc.constantFrom('a', '1', ' ', '"', ',', '\n', '\r', ';', 'é'), maxLength: 6 });
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));

describe('CSV', () => {
  it('reads what csv-stringify writes, as csv-parse does', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(',', ';'), (rows, delimiter) => {
        const text = stringify(rows, { delimiter });
        expect(parseRows(text, delimiter)).toEqual(rows);
        expect(parse(text, { delimiter })).toEqual(rows);
      }),
    );
  });

  it('writes fields that csv-parse reads back', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const text = rows.map((row) => `${row.map((value) => csvField(value, ',')).join(',')}\n`).join('');
        expect(parse(text)).toEqual(rows);
        expect(parseRows(text, ',')).toEqual(rows);
      }),
    );
  });

  it('cuts bytes only where a record ends', () => {
    fc.assert(
      fc.property(table, fc.nat(200), (rows, at) => {
        const bytes = Buffer.from(stringify(rows));
        const cut = lastRecordEnd(bytes.subarray(0, Math.min(at, bytes.length)), ',');
        const head = parseRows(bytes.subarray(0, cut).toString(), ',');
        const tail = parseRows(bytes.subarray(cut).toString(), ',');
        expect([...head, ...tail]).toEqual(rows);
        expect(parseRows(bytes.subarray(0, firstRecordEnd(bytes, ',')).toString(), ',')).toEqual(rows.slice(0, 1));
        expect(endsInsideQuotes(bytes, ',')).toBe(false);
      }),
    );
  });

  it('takes quotes inside an unquoted field as text', () => {
    expect(parseRows('5" pipe,a""b\nx,y\n', ',')).toEqual([
      ['5" pipe', 'a""b'],
      ['x', 'y'],
    ]);
    expect(lastRecordEnd(Buffer.from('5" pipe,a""b\nx'), ',')).toBe(13);
  });

  it('knows an open quote, CRLF and a missing last line end', () => {
    expect(endsInsideQuotes(Buffer.from('a,"b\n'), ',')).toBe(true);
    expect(parseRows('a,b\r\n"c",\r\nd,e', ',')).toEqual([
      ['a', 'b'],
      ['c', ''],
      ['d', 'e'],
    ]);
    expect(parseRows('a,"b"\r\n', ',')).toEqual([['a', 'b']]);
  });

  it('writes null as nothing and structures as JSON', () => {
    expect([null, undefined, 1.5, true, { a: 1 }, 'a,b', ' a'].map((value) => csvField(value, ','))).toEqual([
      ...['', '', '1.5', 'true', '"{""a"":1}"', '"a,b"', '" a"'],
    ]);
  });
});
