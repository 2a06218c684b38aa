import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, type DuckDBValue, LIST, listValue, SQLNULL, VARCHAR } from '@duckdb/node-api';
import type { Json } from '#core';
import { type ColumnKind, kindOf, toColumn, widerKind } from './column-kind.js';

const types: Readonly<Record<ColumnKind, DuckDBType>> = {
  none: SQLNULL,
  boolean: BOOLEAN,
  integer: BIGINT,
  double: DOUBLE,
  text: VARCHAR,
  json: VARCHAR,
};

/** A parameter as DuckDB takes it: a list as a list of what its items have in common, an object as JSON text. */
export function toParameter(value: Json): { readonly value: DuckDBValue; readonly type: DuckDBType } {
  if (Array.isArray(value)) {
    const kind = value.reduce<ColumnKind>((sum, item) => widerKind(sum, kindOf(item)), 'none');
    const item = kind === 'none' ? VARCHAR : types[kind];
    return { value: listValue(value.map((each) => toColumn(each, kind))), type: LIST(item) };
  }
  const kind = kindOf(value);
  return { value: toColumn(value, kind), type: types[kind] };
}
