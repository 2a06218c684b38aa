import { isAbsolute, join } from 'node:path';
import type { Json } from '#core';
import type { DuckQuery } from './duck-protocol.js';
import { scanSql } from './sql-scanner.js';

/** Where a parameter stands in the SQL of a config: `:name`, `{{name}}` or `{{expression}}`. */
export interface Placeholder {
  readonly text: string;
  readonly style: 'colon' | 'braces';
}

/** An SQL text with its placeholders found. */
export interface ParsedSql {
  readonly parts: readonly (string | Placeholder)[];
  /** Placeholders that stand inside a literal, where they bind nothing. */
  readonly inLiterals: readonly string[];
}

const placeholder = /\{\{([^{}]+)\}\}|(?<!:):([A-Za-z_]\w*)/g;

/**
 * Finds the placeholders outside literals, quoted names, comments and `::` casts. Inside `[…]` and `{…}` a colon after an
 * operand is a slice or a struct's colon, as in `list[1:n]` and `{'a':x}`. File names after FROM and in `read_…()` calls
 * become absolute: they are meant relative to the files root.
 */
export function parseSql(sql: string, filesRoot: string): ParsedSql {
  const parts: (string | Placeholder)[] = [];
  const inLiterals: string[] = [];
  let before = '';
  for (const token of scanSql(sql)) {
    if (token.kind === 'code') parts.push(...findIn(token.text, before));
    else if (token.kind === 'literal') {
      inLiterals.push(...Array.from(token.text.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g), (match) => match[1] ?? ''));
      parts.push(namesFile(before, token.text) ? absolute(token.text, filesRoot) : token.text);
    } else parts.push(token.text);
    before += token.kind === 'code' ? token.text : token.kind === 'comment' ? ' ' : "''";
  }
  return { parts, inLiterals };
}

function findIn(code: string, before: string): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = [];
  let from = 0;
  for (const match of code.matchAll(placeholder)) {
    const [text, braced, colon] = match;
    if (colon !== undefined && isOtherColon(before + code.slice(0, match.index))) continue;
    parts.push(
      code.slice(from, match.index),
      braced === undefined ? { text: colon ?? '', style: 'colon' } : { text: braced.trim(), style: 'braces' },
    );
    from = match.index + text.length;
  }
  parts.push(code.slice(from));
  return parts;
}

/** A slice's or a struct's colon: directly after an operand, inside brackets or braces. */
function isOtherColon(before: string): boolean {
  const open: string[] = [];
  for (const character of before) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character)) open.pop();
  }
  const inside = open.at(-1);
  return (
    (inside === '[' && (/[\w)\]}'"]\s*$/.test(before) || /[\w)\]}"]\[\s*$/.test(before))) ||
    (inside === '{' && /[\w)\]}'"]\s*$/.test(before))
  );
}

const fileReaders =
  /\b(?:read_(?:csv|csv_auto|parquet|json|json_auto|ndjson|ndjson_auto|json_objects|text|blob)|parquet_scan|glob|sniff_csv)\s*\(\s*(?:\[(?:\s*'',?)*\s*)?$/i;

function namesFile(before: string, literal: string): boolean {
  if (!literal.startsWith("'")) return false;
  const afterFrom = /\b(?:from|join)\s+$/i.test(before) && /\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet)(?:\.gz|\.zst)?'$/i.test(literal);
  return afterFrom || fileReaders.test(before);
}

function absolute(literal: string, filesRoot: string): string {
  const path = literal.slice(1, -1);
  const elsewhere = isAbsolute(path) || /^[a-z][a-z0-9+.-]*:\/\//i.test(path); // DuckDB refuses it, and says which
  return elsewhere ? literal : `'${join(filesRoot.replaceAll("'", "''"), path)}'`;
}

/** The names that `:name` and `{{name}}` refer to. */
export function placeholdersOf(parsed: ParsedSql): readonly Placeholder[] {
  return parsed.parts.filter((part): part is Placeholder => typeof part !== 'string');
}

/** Puts `$p1`, `$p2`, … in the places of the placeholders; a list directly inside `IN (…)` becomes as many. */
export function bindSql(parsed: ParsedSql, parameterAt: (placeholder: Placeholder) => Json): DuckQuery {
  const parameters: Record<string, Json> = {};
  const add = (value: Json): string => {
    const name = `p${Object.keys(parameters).length + 1}`;
    parameters[name] = value;
    return `$${name}`;
  };
  let sql = '';
  for (const part of parsed.parts) {
    if (typeof part === 'string') {
      sql += part;
      continue;
    }
    const value = parameterAt(part);
    const listed = Array.isArray(value) && /\bin\s*\((?:[^()]*,)?\s*$/i.test(sql);
    sql += listed ? listedValues(value, sql, add) : add(value);
  }
  return { sql, parameters };
}

function listedValues(values: readonly Json[], before: string, add: (value: Json) => string): string {
  if (values.length > 0) return values.map(add).join(', ');
  return /\(\s*$/.test(before) ? 'SELECT NULL WHERE false' : 'NULL'; // nothing is in an empty list, and everything is not
}
