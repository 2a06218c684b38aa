import {
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Json } from '#core';

/**
 * How values of a column become JSON: whole numbers as numbers where a JSON number holds them exactly, else as text;
 * decimals likewise; NaN and infinities as null; dates and times as ISO 8601 text (with `Z` where they have a zone); JSON as
 * what it says; lists, structs and maps as lists and objects; anything else as DuckDB spells it.
 */
export function converterOf(type: DuckDBType): (value: DuckDBValue) => Json {
  if (type.typeId === DuckDBTypeId.VARCHAR && type.alias === 'JSON')
    return (value) => (typeof value === 'string' ? JSON.parse(value) : null);
  if (type.typeId === DuckDBTypeId.TIMESTAMP_TZ) return (value) => (value === null ? null : zonedTime(value));
  if (timestampTypes.has(type.typeId)) return (value) => (value === null ? null : String(value).replace(' ', 'T'));
  return toJson;
}

const timestampTypes: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
]);

function toJson(value: DuckDBValue): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return exactNumber(value.toString());
    default:
      return value === null ? null : objectToJson(value);
  }
}

function objectToJson(value: Exclude<DuckDBValue, null | string | number | boolean | bigint>): Json {
  if (value instanceof DuckDBDecimalValue) return exactNumber(value.toString());
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toJson);
  if (value instanceof DuckDBStructValue) return fieldsToJson(Object.entries(value.entries));
  if (value instanceof DuckDBMapValue) return fieldsToJson(value.entries.map(({ key, value: item }) => [keyText(key), item]));
  if (value instanceof DuckDBUnionValue) return toJson(value.value);
  if (value instanceof DuckDBTimestampTZValue) return zonedTime(value);
  return String(value);
}

function fieldsToJson(entries: readonly (readonly [string, DuckDBValue])[]): Json {
  return Object.fromEntries(entries.map(([key, value]) => [key, toJson(value)]));
}

function keyText(key: DuckDBValue): string {
  const json = toJson(key);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** A number where it stands for exactly these digits, else the digits. */
function exactNumber(digits: string): number | string {
  const number = Number(digits);
  const significant = digits.replace(/^-?0*\.?0*/, '').replace('.', '').length;
  return Number.isSafeInteger(number) || (!Number.isInteger(number) && significant <= 15) ? number : digits;
}

/** In UTC whatever zone this machine is in. */
function zonedTime(value: DuckDBValue): Json {
  if (!(value instanceof DuckDBTimestampTZValue) || !value.isFinite) return String(value);
  const micros = ((value.micros % 1_000n) + 1_000n) % 1_000n;
  const iso = new Date(Number((value.micros - micros) / 1_000n)).toISOString();
  return micros === 0n ? iso : iso.replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
