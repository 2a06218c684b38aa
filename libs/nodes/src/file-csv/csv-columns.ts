import type { Json, JsonObject } from '#core';
import { NodeFailure } from '../api/failures.js';
import { isRecord } from '../api/record-fields.js';
import { type ColumnType, columnTypes, inferType, type ReadField, readerOf, readInteger } from './column-types.js';

export interface CsvColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly read: ReadField;
}

/** Columns of a file: named by its header, or `column1`…; typed by `types`, or by a sample of rows. */
export function columnsOf(header: readonly string[], sample: readonly (readonly string[])[], types: Json | undefined): CsvColumn[] {
  const names = uniqueNames(header);
  refuseUnknownColumns(names, types);
  return names.map((name, place) => {
    const declared = declaredType(name, types);
    const type = declared ?? inferType(sample.map((row) => row[place] ?? ''));
    return { name, type, read: declared === 'integer' ? readInteger : readerOf(type) };
  });
}

/** A record, or a message that says which field does not fit. */
export function readRow(columns: readonly CsvColumn[], row: readonly string[]): JsonObject | string {
  if (row.length !== columns.length) return `has ${row.length} fields where the file has ${columns.length} columns`;
  const record: Record<string, Json> = {};
  for (let place = 0; place < columns.length; place++) {
    const column = columns[place];
    const field = row[place];
    if (column === undefined || field === undefined) continue;
    const value = column.read(field);
    if (value === undefined) return misfit(column, field);
    record[column.name] = value;
  }
  return record;
}

function misfit({ name, type }: CsvColumn, field: string): string {
  const shown = field.length > 60 ? `${field.slice(0, 57)}...` : field;
  return `column \`${name}\` holds ${JSON.stringify(shown)}, which is no ${type}; set types: {"${name}": "text"} to take it as text`;
}

function declaredType(name: string, types: Json | undefined): ColumnType | undefined {
  const declared = isRecord(types) ? types[name] : types;
  return columnTypes.find((type) => type === declared);
}

function refuseUnknownColumns(names: readonly string[], types: Json | undefined): void {
  const unknown = isRecord(types) ? Object.keys(types).filter((name) => !names.includes(name)) : [];
  if (unknown.length === 0) return;
  const message = `\`types\` names columns that the file does not have: ${unknown.join(', ')}; it has ${names.join(', ')}`;
  throw new NodeFailure('UNKNOWN_COLUMN', message, { retryable: false });
}

/** Empty names become `column3`, repeated ones get a number; `__proto__` cannot be a key of a plain object. */
function uniqueNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((raw, place) => {
    const trimmed = raw.trim();
    const wished = trimmed === '' || trimmed === '__proto__' ? `column${place + 1}` : trimmed;
    let name = wished;
    for (let copy = 2; taken.has(name); copy++) name = `${wished}_${copy}`;
    taken.add(name);
    return name;
  });
}
