import type { Json } from '#core';

/** Types a CSV column may have (contract §9). Dates and timestamps stay text in records; their form is checked. */
export const columnTypes = ['integer', 'number', 'boolean', 'date', 'timestamp', 'text'] as const;
export type ColumnType = (typeof columnTypes)[number];

/** Reads a field; undefined = it is not of the column's type. An empty field is null, in a text column an empty text. */
export type ReadField = (text: string) => Json | undefined;

/** A leading zero, or more digits than a number holds exactly, keeps a column text: those are codes and ids. */
const patterns: Readonly<Record<Exclude<ColumnType, 'text'>, RegExp>> = {
  integer: /^[+-]?(0|[1-9]\d{0,14})$/,
  number: /^[+-]?(0|[1-9]\d{0,14})?(\.\d*)?([eE][+-]?\d+)?$/,
  boolean: /^(true|false)$/i,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  timestamp: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/,
};

/** The narrowest type that all non-empty fields of a sample have; text when there is none. */
export function inferType(fields: readonly string[]): ColumnType {
  const present = fields.filter((field) => field !== '');
  if (present.length === 0) return 'text';
  return columnTypes.find((type) => present.every((field) => isOfType(type, field))) ?? 'text';
}

/** How fields of a type are read. Inferred integers let decimals pass: both are numbers, and the sample need not know. */
export function readerOf(type: ColumnType): ReadField {
  switch (type) {
    case 'text':
      return (text) => text;
    case 'integer':
    case 'number':
      return readNumber;
    case 'boolean':
      return readBoolean;
    case 'date':
    case 'timestamp':
      return (text) => (text === '' ? null : isOfType(type, text) ? text : undefined);
  }
}

/** Reads whole numbers only: for a column that is declared `integer`. */
export function readInteger(text: string): Json | undefined {
  const value = readNumber(text);
  return value === null || Number.isInteger(value) ? value : undefined;
}

function readNumber(text: string): number | null | undefined {
  if (text === '') return null;
  const value = Number(text);
  if (!Number.isFinite(value) || text.trim() === '') return undefined;
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^\s*[+-]?\d+\s*$/.test(text) ? undefined : value; // digits would be lost
}

function readBoolean(text: string): boolean | null | undefined {
  switch (text.toLowerCase()) {
    case '':
      return null;
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      return undefined;
  }
}

function isOfType(type: ColumnType, field: string): boolean {
  if (type === 'text') return true;
  return patterns[type].test(field) && (type !== 'number' || /\d/.test(field));
}
