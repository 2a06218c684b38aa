import type { Json } from '#core';
import { type ConstExpr, type Expr, type ListExpr, refuseToCompile, required, type StructExpr } from './ast.js';
import { buildCall } from './build-call.js';
import { buildComprehension } from './build-comprehension.js';
import { buildHas, buildSelect } from './build-select.js';
import { type Evaluate, fail, typeName } from './frame.js';
import type { Locals, Next } from './locals.js';
import { resolveName } from './names.js';

/** Nesting that the compiler follows; deeper texts would exhaust the stack. */
const maxDepth = 200;

/** Turns a syntax tree into closures. Throws CompileFailure for what the language does not have. */
export function build(expr: Expr, locals: Locals, depth = 0): Evaluate {
  if (depth > maxDepth) return refuseToCompile(`the expression is nested more than ${maxDepth} levels deep`);
  const next = (inner: Expr | undefined, innerLocals = locals): Evaluate => build(required(inner), innerLocals, depth + 1);
  const kind = expr.exprKind;
  switch (kind.case) {
    case 'constExpr':
      return constant(kind.value);
    case 'identExpr':
      return identifier(kind.value.name, locals);
    case 'selectExpr':
      return kind.value.testOnly ? buildHas(kind.value, locals, next) : buildSelect(kind.value, next);
    case 'callExpr':
      return buildCall(kind.value, locals, next);
    case 'listExpr':
      return list(kind.value, next);
    case 'structExpr':
      return struct(kind.value, next);
    case 'comprehensionExpr':
      return buildComprehension(kind.value, locals, next);
    default:
      return refuseToCompile('the expression is incomplete');
  }
}

function constantValue(value: ConstExpr): Json {
  const kind = value.constantKind;
  switch (kind.case) {
    case 'stringValue':
    case 'boolValue':
      return kind.value;
    case 'doubleValue':
      return Number.isFinite(kind.value) ? kind.value : refuseToCompile('a number is too large');
    case 'int64Value':
    case 'uint64Value':
      return Number.isSafeInteger(Number(kind.value))
        ? Number(kind.value)
        : refuseToCompile(`the integer ${kind.value} cannot be held exactly`);
    case 'nullValue':
      return null;
    default:
      return refuseToCompile('bytes are not JSON; use a text');
  }
}

function constant(value: ConstExpr): Evaluate {
  const json = constantValue(value);
  return () => json;
}

function identifier(name: string, locals: Locals): Evaluate {
  const slot = locals.slots.get(name);
  return slot === undefined ? resolveName(name) : (frame) => frame.locals[slot] ?? null;
}

function list(value: ListExpr, next: Next): Evaluate {
  const items = value.elements.map((element) => next(element));
  return (frame) => items.map((item) => item(frame));
}

function struct(value: StructExpr, next: Next): Evaluate {
  if (value.messageName !== '') return refuseToCompile(`there is no type named ${value.messageName}`);
  const entries = value.entries.map((entry) => {
    const key = entry.keyKind.case === 'mapKey' ? next(entry.keyKind.value) : refuseToCompile('a map needs keys in quotes');
    return { key, value: next(entry.value) };
  });
  return (frame) => Object.fromEntries(entries.map((entry) => [mapKey(entry.key(frame)), entry.value(frame)]));
}

function mapKey(key: Json): string {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'boolean' ? String(key) : fail(`${typeName(key)} cannot be a key of a map`);
}
