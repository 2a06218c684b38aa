import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import type { Json } from '#core';

/** What a column of the table `input` holds so far; `none` = only nulls. */
export type ColumnKind = 'none' | 'boolean' | 'integer' | 'double' | 'text' | 'json';

export function kindOf(value: Json | undefined): ColumnKind {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) ? 'integer' : 'double';
    case 'string':
      return 'text';
    case 'object':
      return value === null ? 'none' : 'json';
    default:
      return 'none';
  }
}

/** The narrowest kind that holds both: numbers widen to double, lists and objects are JSON, anything else mixed is text. */
export function widerKind(a: ColumnKind, b: ColumnKind): ColumnKind {
  if (a === b || b === 'none') return a;
  if (a === 'none') return b;
  if (a === 'json' || b === 'json') return 'json';
  return (a === 'integer' || a === 'double') && (b === 'integer' || b === 'double') ? 'double' : 'text';
}

/** How DuckDB spells the type; a column of nulls is text. */
export const sqlTypes: Readonly<Record<ColumnKind, string>> = {
  none: 'VARCHAR',
  boolean: 'BOOLEAN',
  integer: 'BIGINT',
  double: 'DOUBLE',
  text: 'VARCHAR',
  json: 'JSON',
};

/** The type of the vector that values are handed over in. */
export const vectorTypes: Readonly<Record<ColumnKind, DuckDBType>> = {
  none: VARCHAR,
  boolean: BOOLEAN,
  integer: BIGINT,
  double: DOUBLE,
  text: VARCHAR,
  json: VARCHAR,
};

/** A value as a column of that kind takes it. */
export function toColumn(value: Json | undefined, kind: ColumnKind): DuckDBValue {
  if (value === null || value === undefined) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'integer') return BigInt(value as number); // the kind says that it is a whole number
  if (kind === 'text') return typeof value === 'string' ? value : JSON.stringify(value);
  return value as boolean | number; // boolean and double are handed over as they are
}
