import type { Json } from '#core';

const mustQuote = /["\r\n]/;

/** One field by RFC 4180: quoted where needed; null and absent are empty, objects and lists their JSON. */
export function csvField(value: Json | undefined, delimiter: string): string {
  if (typeof value === 'string') return quoteWhereNeeded(value, delimiter);
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? quoteWhereNeeded(JSON.stringify(value), delimiter) : String(value);
}

function quoteWhereNeeded(text: string, delimiter: string): string {
  if (!text.includes(delimiter) && !mustQuote.test(text) && text.trim() === text) return text;
  return `"${text.replaceAll('"', '""')}"`;
}
