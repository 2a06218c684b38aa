import { parse } from '@bufbuild/cel';

type Parsed = ReturnType<typeof parse>;

/** A node of the parser's syntax tree. */
export type Expr = NonNullable<Parsed['expr']>;
type Kind = Expr['exprKind'];
export type CallExpr = Extract<Kind, { case: 'callExpr' }>['value'];
export type SelectExpr = Extract<Kind, { case: 'selectExpr' }>['value'];
export type StructExpr = Extract<Kind, { case: 'structExpr' }>['value'];
export type ListExpr = Extract<Kind, { case: 'listExpr' }>['value'];
export type ComprehensionExpr = Extract<Kind, { case: 'comprehensionExpr' }>['value'];
export type ConstExpr = Extract<Kind, { case: 'constExpr' }>['value'];

/** A text that cannot be compiled; caught by the compiler and answered as a value. */
export class CompileFailure {
  constructor(readonly message: string) {}
}

export function refuseToCompile(message: string): never {
  throw new CompileFailure(message);
}

/** Parses CEL, macros expanded. */
export function parseCel(text: string): Expr {
  const expr = parse(text).expr;
  return expr ?? refuseToCompile('the expression is empty');
}

export function required(expr: Expr | undefined): Expr {
  return expr ?? refuseToCompile('the expression is incomplete');
}

/** The name of an identifier, undefined for anything else. */
export function identifierOf(expr: Expr | undefined): string | undefined {
  return expr?.exprKind.case === 'identExpr' ? expr.exprKind.value.name : undefined;
}
