import type { Json } from '#core';
import { type Evaluate, EvaluationFailure, type Frame, fail, isList, isMap, maxTextLength, ownField, spend, typeName } from './frame.js';

/** A number that JSON can hold; `-0` becomes `0`, which is how JSON would store it. */
export function finite(value: number): number {
  return Number.isFinite(value) ? value + 0 : fail('the result is not a finite number');
}

export function boundedText(text: string): string {
  return text.length <= maxTextLength ? text : fail(`a text may have ${maxTextLength} characters at most`);
}

function mismatch(operator: string, left: Json, right: Json): never {
  return fail(`'${operator}' cannot be applied to ${typeName(left)} and ${typeName(right)}`);
}

function numeric(operator: string, apply: (left: number, right: number) => number): (left: Evaluate, right: Evaluate) => Evaluate {
  return (left, right) => (frame) => {
    const l = left(frame);
    const r = right(frame);
    return typeof l === 'number' && typeof r === 'number' ? finite(apply(l, r)) : mismatch(operator, l, r);
  };
}

const add = (left: Evaluate, right: Evaluate): Evaluate => {
  return (frame) => {
    const l = left(frame);
    const r = right(frame);
    if (typeof l === 'number' && typeof r === 'number') return finite(l + r);
    if (typeof l === 'string' && typeof r === 'string') return boundedText(l + r);
    if (!isList(l) || !isList(r)) return mismatch('+', l, r);
    spend(frame, l.length + r.length);
    return [...l, ...r];
  };
};

function divide(operator: '/' | '%', apply: (left: number, right: number) => number): (left: Evaluate, right: Evaluate) => Evaluate {
  return numeric(operator, (left, right) => (right === 0 ? fail('division by zero') : apply(left, right)));
}

function compare(operator: string, holds: (left: number | string, right: number | string) => boolean) {
  return (left: Evaluate, right: Evaluate): Evaluate =>
    (frame) => {
      const l = left(frame);
      const r = right(frame);
      if (typeof l === 'number' && typeof r === 'number') return holds(l, r);
      if (typeof l === 'string' && typeof r === 'string') return holds(l, r);
      if (typeof l === 'boolean' && typeof r === 'boolean') return holds(Number(l), Number(r));
      return mismatch(operator, l, r);
    };
}

/** Deep equality of JSON values; values of different types are unequal, never an error. */
export function equals(left: Json, right: Json, frame: Frame): boolean {
  if (left === right) return true;
  if (isList(left)) return isList(right) && equalLists(left, right, frame);
  return isMap(left) && isMap(right) && equalMaps(left, right, frame);
}

function equalLists(left: readonly Json[], right: readonly Json[], frame: Frame): boolean {
  spend(frame, left.length);
  return left.length === right.length && left.every((item, index) => equals(item, right[index] ?? null, frame));
}

function equalMaps(left: { readonly [key: string]: Json }, right: { readonly [key: string]: Json }, frame: Frame): boolean {
  const keys = Object.keys(left);
  spend(frame, keys.length);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => {
    const other = ownField(right, key);
    return other !== undefined && equals(left[key] ?? null, other, frame);
  });
}

function isIn(needle: Json, haystack: Json, frame: Frame): boolean {
  if (isMap(haystack)) return ownField(haystack, String(needle)) !== undefined;
  if (!isList(haystack)) return fail(`'in' needs a list or a map on its right, not ${typeName(haystack)}`);
  spend(frame, haystack.length);
  return haystack.some((item) => equals(item, needle, frame));
}

function boolean(operator: string, value: Json): boolean {
  return typeof value === 'boolean' ? value : fail(`'${operator}' needs true or false, not ${typeName(value)}`);
}

/** `&&` and `||` as CEL has them: the side that decides wins, even where the other one fails. */
function logical(operator: '&&' | '||', decisive: boolean): (left: Evaluate, right: Evaluate) => Evaluate {
  return (left, right) => (frame) => {
    let first: boolean;
    try {
      first = boolean(operator, left(frame));
    } catch (failure) {
      if (failure instanceof EvaluationFailure && right(frame) === decisive) return decisive;
      throw failure;
    }
    return first === decisive ? decisive : boolean(operator, right(frame));
  };
}

/** `list[i]` and `map[key]`. */
export function index(target: Evaluate, key: Evaluate): Evaluate {
  return (frame) => {
    const container = target(frame);
    const at = key(frame);
    if (isList(container)) return elementAt(container, at);
    if (!isMap(container)) return fail(`${typeName(container)} has no elements`);
    const value = ownField(container, String(at));
    return value === undefined ? fail(`no such field: ${String(at)}`) : value;
  };
}

function elementAt(list: readonly Json[], at: Json): Json {
  const value = typeof at === 'number' ? list[at] : undefined;
  return value === undefined ? fail(`no element at ${JSON.stringify(at)} of a list of ${list.length}`) : value;
}

/** Operators with two operands, by the parser's name. */
export const binaryOperators: ReadonlyMap<string, (left: Evaluate, right: Evaluate) => Evaluate> = new Map([
  ['_+_', add],
  ['_-_', numeric('-', (l, r) => l - r)],
  ['_*_', numeric('*', (l, r) => l * r)],
  ['_/_', divide('/', (l, r) => l / r)],
  ['_%_', divide('%', (l, r) => l % r)],
  ['_<_', compare('<', (l, r) => l < r)],
  ['_<=_', compare('<=', (l, r) => l <= r)],
  ['_>_', compare('>', (l, r) => l > r)],
  ['_>=_', compare('>=', (l, r) => l >= r)],
  [
    '_==_',
    (l: Evaluate, r: Evaluate): Evaluate =>
      (frame: Frame) =>
        equals(l(frame), r(frame), frame),
  ],
  [
    '_!=_',
    (l: Evaluate, r: Evaluate): Evaluate =>
      (frame: Frame) =>
        !equals(l(frame), r(frame), frame),
  ],
  [
    '@in',
    (l: Evaluate, r: Evaluate): Evaluate =>
      (frame: Frame) =>
        isIn(l(frame), r(frame), frame),
  ],
  ['_&&_', logical('&&', false)],
  ['_||_', logical('||', true)],
  ['_[_]', index],
]);

/** Operators with one operand, by the parser's name. */
export const unaryOperators: ReadonlyMap<string, (operand: Evaluate) => Evaluate> = new Map([
  [
    '!_',
    (operand: Evaluate): Evaluate =>
      (frame: Frame) =>
        !boolean('!', operand(frame)),
  ],
  [
    '-_',
    (operand: Evaluate): Evaluate =>
      (frame: Frame) => {
        const value = operand(frame);
        return typeof value === 'number' ? finite(-value) : fail(`'-' cannot be applied to ${typeName(value)}`);
      },
  ],
  [
    '@not_strictly_false',
    (operand: Evaluate): Evaluate =>
      (frame: Frame) =>
        operand(frame) !== false,
  ],
]);

export function conditional(condition: Evaluate, whenTrue: Evaluate, whenFalse: Evaluate): Evaluate {
  return (frame) => (boolean('?:', condition(frame)) ? whenTrue(frame) : whenFalse(frame));
}
