import type { Json } from '#core';
import type { Expr, SelectExpr } from './ast.js';
import { required } from './ast.js';
import { type Evaluate, type Frame, fail, isMap, ownField, typeName } from './frame.js';
import type { Locals, Next } from './locals.js';
import { type Lookup, lookupOf } from './names.js';

/** `a.b`: a missing field is an error that names it. */
export function buildSelect(select: SelectExpr, next: Next): Evaluate {
  const operand = next(select.operand);
  const name = select.field;
  return (frame) => {
    const container = operand(frame);
    if (!isMap(container)) return fail(`${typeName(container)} has no field ${name}`);
    const value = ownField(container, name);
    return value === undefined ? fail(`no such field: ${name}`) : value;
  };
}

/** `has(a.b.c)`: true when every step is there; what is missing on the way is no error. */
export function buildHas(select: SelectExpr, locals: Locals, next: Next): Evaluate {
  const lookup = soft(required(select.operand), locals, next);
  return (frame) => fieldOf(lookup(frame), select.field) !== undefined;
}

function soft(expr: Expr, locals: Locals, next: Next): Lookup {
  const kind = expr.exprKind;
  if (kind.case === 'identExpr' && !locals.slots.has(kind.value.name)) return lookupOf(kind.value.name);
  if (kind.case !== 'selectExpr' || kind.value.testOnly) return next(expr);
  const operand = soft(required(kind.value.operand), locals, next);
  const field = kind.value.field;
  return (frame: Frame) => fieldOf(operand(frame), field);
}

function fieldOf(container: Json | undefined, name: string): Json | undefined {
  return isMap(container) ? ownField(container, name) : undefined;
}
