import type { Json } from '#core';
import { integerBetween, type SeededRandom } from '../random-numbers/seeded-random.js';

export interface FieldSeat {
  /** The sequence's number of this record. */
  readonly value: number;
  readonly index: number;
  /** Tells the random fields of one record apart. */
  readonly lane: number;
  readonly random: SeededRandom;
}

export type FieldMaker = (seat: FieldSeat) => Json;
export type ParsedField = { readonly ok: true; readonly make: FieldMaker } | { readonly ok: false; readonly message: string };

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const known = '`sequence`, `random_string`, `random_int(a,b)`, `random_double(a,b)` or `random_choice([…])`';

/** Reads one generator of `sequence.numbers.fields`, e.g. `random_int(1, 6)` (contract §4). */
export function parseField(text: string): ParsedField {
  const match = /^\s*([a-z_]+)\s*(?:\((.*)\))?\s*$/s.exec(text);
  switch (match?.[1]) {
    case 'sequence':
      return made(({ value }) => value);
    case 'random_string':
      return made(randomString);
    case 'random_int':
      return between(match[2], (fraction, min, max) => integerBetween(fraction, Math.ceil(min), Math.floor(max)));
    case 'random_double':
      return between(match[2], (fraction, min, max) => min + fraction * (max - min));
    case 'random_choice':
      return choice(match[2]);
    default:
      return refused(`\`${text}\` is not a generator; use ${known}`);
  }
}

function randomString({ index, lane, random }: FieldSeat): string {
  const letters = Array.from({ length: 10 }, (_, place) => {
    return alphabet.charAt(Math.floor(random.fraction(index, lane * 16 + place + 1024) * alphabet.length));
  });
  return letters.join('');
}

function between(bounds: string | undefined, pick: (fraction: number, min: number, max: number) => number): ParsedField {
  const [min, max, ...more] = (bounds ?? '').split(',').map((bound) => (bound.trim() === '' ? Number.NaN : Number(bound)));
  if (min === undefined || max === undefined || more.length > 0 || !(min <= max))
    return refused('needs two numbers, the smaller one first');
  return made(({ index, lane, random }) => pick(random.fraction(index, lane), min, max));
}

function choice(list: string | undefined): ParsedField {
  const choices = parseList(list ?? '');
  if (choices === undefined || choices.length === 0) return refused('random_choice needs a list with at least one value');
  return made(({ index, lane, random }) => choices[Math.floor(random.fraction(index, lane) * choices.length)] ?? null);
}

/** A JSON list; texts may also stand in single quotes. */
function parseList(text: string): readonly Json[] | undefined {
  for (const candidate of [text, text.replaceAll("'", '"')]) {
    try {
      const parsed: unknown = JSON.parse(candidate);
      if (Array.isArray(parsed)) return parsed as readonly Json[];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error; // not JSON in this spelling: try the next
    }
  }
  return undefined;
}

function made(make: FieldMaker): ParsedField {
  return { ok: true, make };
}

function refused(message: string): ParsedField {
  return { ok: false, message };
}
