import type { Json } from '#core';
import { isMap } from './frame.js';

/** A record as text (contract §4): a text is itself, a record of plain fields its CSV line (RFC 4180), anything else its JSON. */
export function recordText(value: Json): string {
  if (typeof value === 'string') return value;
  if (!isMap(value)) return JSON.stringify(value);
  const fields = Object.values(value);
  return fields.every((field) => typeof field !== 'object' || field === null) ? fields.map(csvField).join(',') : JSON.stringify(value);
}

function csvField(field: Json): string {
  if (field === null) return '';
  const text = String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
