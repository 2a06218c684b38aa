import type { Json } from '#core';
import { type CallExpr, identifierOf, refuseToCompile } from './ast.js';
import { type Evaluate, isList, spend } from './frame.js';
import { functions, type LanguageFunction, methods } from './functions.js';
import type { Locals, Next } from './locals.js';
import { binaryOperators, conditional, unaryOperators } from './operators.js';

/** Operators, functions and methods. Unknown ones and wrong numbers of arguments are found here, not when records flow. */
export function buildCall(call: CallExpr, locals: Locals, next: Next): Evaluate {
  const [first, second, third] = call.args;
  if (call.target !== undefined) return apply(call.function, methods, [next(call.target), ...call.args.map((arg) => next(arg))], 1);
  if (call.function === '_?_:_') return conditional(next(first), next(second), next(third));
  if (call.function === '_+_' && locals.accumulator !== undefined && identifierOf(first) === locals.accumulator) {
    if (second?.exprKind.case === 'listExpr') return append(locals, next(second));
  }
  const binary = binaryOperators.get(call.function);
  if (binary !== undefined) return binary(next(first), next(second));
  const unary = unaryOperators.get(call.function);
  if (unary !== undefined) return unary(next(first));
  return apply(
    call.function,
    functions,
    call.args.map((arg) => next(arg)),
    0,
  );
}

function apply(name: string, known: ReadonlyMap<string, LanguageFunction>, args: readonly Evaluate[], targets: 0 | 1): Evaluate {
  const definition = known.get(name);
  if (definition === undefined) {
    const kind = targets === 1 ? 'method' : 'function';
    return refuseToCompile(`there is no ${kind} ${name}; there are ${[...known.keys()].join(', ')}`);
  }
  const given = args.length - targets;
  const { minArguments: least, maxArguments: most } = definition;
  if (given < least || given > most)
    return refuseToCompile(`${name} takes ${least === most ? least : `${least} to ${most}`} arguments, not ${given}`);
  return (frame) =>
    definition.apply(
      args.map((arg) => arg(frame)),
      frame,
    );
}

/** A list macro appends to its own fresh list in place; copying it for each element would be quadratic. */
function append(locals: Locals, items: Evaluate): Evaluate {
  const slot = locals.slots.get(locals.accumulator ?? '') ?? 0;
  return (frame) => {
    const list = frame.locals[slot] ?? null;
    const more = items(frame);
    if (!isList(list) || !isList(more)) return list;
    spend(frame, more.length);
    // The macro's accumulator was made by this evaluation and nobody else holds it.
    (list as Json[]).push(...more);
    return list;
  };
}
