import { celEnv } from '@bufbuild/cel';
import type { Json } from '#core';
import { type Frame, fail, isList, isMap, spend, typeName } from './frame.js';
import { boundedText, finite } from './operators.js';

/** A function of the language: `apply` gets the target first where it is a method. */
export interface LanguageFunction {
  readonly minArguments: number;
  readonly maxArguments: number;
  apply(args: readonly Json[], frame: Frame): Json;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : fail(`a text is needed here, not ${typeName(value)}`);
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : fail(`a number is needed here, not ${typeName(value)}`);
}

/** Counts characters as CEL does: by code point. Most texts have none beyond the first plane, and then code units will do. */
function characters(value: string): readonly string[] {
  return /[\ud800-\udfff]/.test(value) ? [...value] : value.split('');
}

function sizeOf(value: Json): number {
  if (typeof value === 'string') return /[\ud800-\udfff]/.test(value) ? [...value].length : value.length;
  if (isList(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : fail(`${typeName(value)} has no size`);
}

function position(value: Json | undefined, length: number): number {
  const at = number(value);
  return Number.isInteger(at) && at >= 0 && at <= length ? at : fail(`position ${at} is outside a text of ${length} characters`);
}

function substring(args: readonly Json[]): string {
  const all = characters(text(args[0]));
  const start = position(args[1], all.length);
  const end = args[2] === undefined ? all.length : position(args[2], all.length);
  return end >= start ? all.slice(start, end).join('') : fail(`the end ${end} lies before the start ${start}`);
}

function split(args: readonly Json[], frame: Frame): readonly string[] {
  const parts = text(args[0]).split(text(args[1]));
  spend(frame, parts.length);
  const limit = args[2] === undefined ? -1 : number(args[2]);
  if (limit < 0 || parts.length <= limit) return parts;
  return limit === 0 ? [] : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(text(args[1]))];
}

function replace(args: readonly Json[], frame: Frame): string {
  const [source, old, fresh] = [text(args[0]), text(args[1]), text(args[2])];
  const pieces = source.split(old);
  spend(frame, pieces.length);
  const count = args[3] === undefined ? -1 : number(args[3]);
  // Bounded before it is built: nested replacements grow without limit otherwise.
  if (source.length + pieces.length * fresh.length > 2 ** 24) fail('the text would become too long');
  if (count < 0 || pieces.length - 1 <= count) return boundedText(pieces.join(fresh));
  const done = pieces.slice(0, count + 1).join(fresh);
  return boundedText([done, ...pieces.slice(count + 1)].join(old));
}

const patterns = celEnv().funcs.find('matches');

/** RE2 syntax, linear time: the parser library's own `matches`, because a backtracking pattern could stop an engine. */
function matches(args: readonly Json[]): boolean {
  const result = patterns?.call(0, text(args[0]), [text(args[1])]);
  return typeof result === 'boolean' ? result : fail(`not a valid pattern: ${text(args[1])}`);
}

function join(args: readonly Json[], frame: Frame): string {
  const list = args[0];
  if (!isList(list)) return fail(`join needs a list, not ${typeName(list)}`);
  spend(frame, list.length);
  return boundedText(list.map(text).join(args[1] === undefined ? '' : text(args[1])));
}

function integer(value: Json | undefined): number {
  return finite(Math.trunc(toNumber(value)));
}

function toNumber(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(parsed) ? parsed : fail(`${JSON.stringify(value)} is not a number`);
}

function toBoolean(value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return fail(`${JSON.stringify(value)} is neither true nor false`);
}

function round(args: readonly Json[]): number {
  const digits = args[1] === undefined ? 0 : number(args[1]);
  if (!Number.isInteger(digits) || digits < 0 || digits > 15) return fail('round takes 0 to 15 digits');
  const value = number(args[0]);
  // By decimal notation, so that 1.005 rounds as it is written; halves go away from zero.
  const shifted = Math.round(Number(`${Math.abs(value)}e${digits}`));
  return Number.isFinite(shifted) ? finite(Math.sign(value) * Number(`${shifted}e-${digits}`)) : finite(value);
}

function extreme(pick: (...values: number[]) => number): LanguageFunction['apply'] {
  return (args, frame) => {
    const values = args.length === 1 && isList(args[0]) ? args[0] : args;
    spend(frame, values.length);
    const numbers = values.map(number);
    return numbers.length === 0 ? fail('an empty list has no extreme') : numbers.reduce((a, b) => pick(a, b));
  };
}

function define(minArguments: number, maxArguments: number, apply: LanguageFunction['apply']): LanguageFunction {
  return { minArguments, maxArguments, apply };
}

const ofText = (apply: (value: string) => Json): LanguageFunction => define(0, 0, (args) => apply(text(args[0])));
const ofTwoTexts = (apply: (value: string, other: string) => Json): LanguageFunction =>
  define(1, 1, (args) => apply(text(args[0]), text(args[1])));
const ofNumber = (apply: (value: number) => number): LanguageFunction => define(1, 1, (args) => finite(apply(number(args[0]))));
const size = (args: readonly Json[]): Json => sizeOf(args[0] ?? null);
const upper = ofText((value) => value.toUpperCase());
const lower = ofText((value) => value.toLowerCase());

/** Methods by name: `name.upper()`. */
export const methods: ReadonlyMap<string, LanguageFunction> = new Map([
  ['size', define(0, 0, size)],
  ['upper', upper],
  ['toUpperCase', upper],
  ['upperAscii', upper],
  ['lower', lower],
  ['toLowerCase', lower],
  ['lowerAscii', lower],
  ['trim', ofText((value) => value.trim())],
  ['contains', ofTwoTexts((value, other) => value.includes(other))],
  ['startsWith', ofTwoTexts((value, other) => value.startsWith(other))],
  ['endsWith', ofTwoTexts((value, other) => value.endsWith(other))],
  ['matches', define(1, 1, matches)],
  [
    'indexOf',
    ofTwoTexts((value, other) => characters(value.slice(0, Math.max(0, value.indexOf(other)))).length + (value.includes(other) ? 0 : -1)),
  ],
  ['lastIndexOf', ofTwoTexts((value, other) => (value.includes(other) ? characters(value.slice(0, value.lastIndexOf(other))).length : -1))],
  ['charAt', define(1, 1, (args) => characters(text(args[0]))[position(args[1], sizeOf(text(args[0])))] ?? '')],
  ['substring', define(1, 2, substring)],
  ['replace', define(2, 3, replace)],
  ['split', define(1, 2, split)],
  ['join', define(0, 1, join)],
]);

/** Functions by name: `round(price, 2)`. */
export const functions: ReadonlyMap<string, LanguageFunction> = new Map([
  ['size', define(1, 1, size)],
  ['matches', define(2, 2, matches)],
  ['int', define(1, 1, (args) => integer(args[0]))],
  ['double', define(1, 1, (args) => toNumber(args[0]))],
  ['number', define(1, 1, (args) => toNumber(args[0]))],
  ['string', define(1, 1, (args) => (typeof args[0] === 'string' ? args[0] : boundedText(JSON.stringify(args[0]))))],
  ['bool', define(1, 1, (args) => toBoolean(args[0]))],
  ['dyn', define(1, 1, (args) => args[0] ?? null)],
  ['abs', ofNumber(Math.abs)],
  ['ceil', ofNumber(Math.ceil)],
  ['floor', ofNumber(Math.floor)],
  ['sqrt', ofNumber((value) => Math.sqrt(value))],
  ['round', define(1, 2, round)],
  ['pow', define(2, 2, (args) => finite(number(args[0]) ** number(args[1])))],
  ['min', define(1, 16, extreme(Math.min))],
  ['max', define(1, 16, extreme(Math.max))],
]);
