import type { Json, JsonObject } from '#core';

/** A JSON object, not a bare value. */
export function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field of a record; the bare value itself goes by the name `value`. A dotted name goes down into objects. */
export function fieldOf(record: Json, field: string): Json | undefined {
  if (!isRecord(record)) return field === 'value' ? record : undefined;
  const direct = record[field];
  if (direct !== undefined || !field.includes('.')) return direct;
  return field.split('.').reduce<Json | undefined>((value, part) => (isRecord(value) ? value[part] : undefined), record);
}
