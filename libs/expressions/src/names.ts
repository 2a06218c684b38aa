import type { Json } from '#core';
import { type Evaluate, type Frame, fail, isMap, ownField } from './frame.js';
import { recordText } from './record-text.js';

/** Names that mean the same for every record; a record's field of that name is `record.<name>`. */
const reserved: ReadonlySet<string> = new Set(['input', 'nodes', 'execution']);

/** The record as text and as number: what translations of the old dialect refer to. No expression can spell these. */
export const textOfRecord = '@text';
export const numberOfRecord = '@number';

/** Looks a top-level name up; undefined = there is none. */
export type Lookup = (frame: Frame) => Json | undefined;

/** How a top-level name is found: `record`, `value`, the record's fields, then the scope (contract §9). */
export function lookupOf(name: string): Lookup {
  if (name === textOfRecord) return textLookup;
  if (name === numberOfRecord) return numberLookup;
  if (name === 'record') return either((frame) => frame.record, fromScope(name));
  if (reserved.has(name)) return either(fromScope(name), fromRecord(name));
  const plain = either(fromRecord(name), fromScope(name));
  if (name === 'value') return either(plain, (frame) => frame.record);
  // `X > 50`: the old dialect's word for the value, where nothing else has that name.
  return name === 'X' ? either(plain, numberLookup) : plain;
}

/** The first lookup that finds something; a null that is there is found. */
function either(first: Lookup, second: Lookup): Lookup {
  return (frame) => {
    const value = first(frame);
    return value === undefined ? second(frame) : value;
  };
}

function fromScope(name: string): Lookup {
  return (frame) => ownField(frame.scope, name);
}

function fromRecord(name: string): Lookup {
  return (frame) => (isMap(frame.record) ? ownField(frame.record, name) : undefined);
}

export function resolveName(name: string): Evaluate {
  const lookup = lookupOf(name);
  return (frame) => {
    const value = lookup(frame);
    return value === undefined ? fail(missingName(name)) : value;
  };
}

function missingName(name: string): string {
  return name.startsWith('@') ? 'there is no record here' : `no such field or name: ${name}`;
}

/** A column `value`, else the record itself. */
const bareValue = either(
  either(fromRecord('value'), fromScope('value')),
  either((frame) => frame.record, fromScope('record')),
);

function textLookup(frame: Frame): Json | undefined {
  const value = bareValue(frame);
  return value === undefined ? undefined : recordText(value);
}

function numberLookup(frame: Frame): Json | undefined {
  const value = bareValue(frame);
  return value === undefined ? undefined : numberOf(value);
}

/** A text that spells a number is that number, as in the old engine, where every line was text. */
function numberOf(value: Json): Json {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
