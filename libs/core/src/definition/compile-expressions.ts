import { controlNodeOf } from '../control/control-nodes.js';
import type { CompiledExpression, ExpressionCompiler } from '../expressions.js';
import type { DraftEdge, RoledNode } from './draft.js';
import type { ProblemList } from './problems.js';

type Compiled = ReadonlyMap<string, CompiledExpression>;

/** Compiles the expressions of a node's config, by their path in it. */
export function compileNodeExpressions(node: RoledNode, compiler: ExpressionCompiler, problems: ProblemList): Compiled {
  const compiled = new Map<string, CompiledExpression>();
  for (const { path, text } of expressionsOf(node)) {
    const expression = compile(text, `${node.path}.config.${path}`, compiler, problems);
    if (expression !== undefined) compiled.set(path, expression);
  }
  return compiled;
}

function expressionsOf(node: RoledNode): readonly { readonly path: string; readonly text: string }[] {
  const control = controlNodeOf(node.nodeType);
  if (control !== undefined) return control.expressionsOf(node.config);
  return node.descriptor.expressionKeys.flatMap((path) => {
    const text = node.config[path];
    return typeof text === 'string' ? [{ path, text }] : []; // another type is the config schema's problem
  });
}

/** Compiles an edge's condition, if it has one. */
export function compileCondition(edge: DraftEdge, compiler: ExpressionCompiler, problems: ProblemList): CompiledExpression | undefined {
  return edge.condition === undefined ? undefined : compile(edge.condition, `${edge.path}.condition`, compiler, problems);
}

function compile(text: string, path: string, compiler: ExpressionCompiler, problems: ProblemList): CompiledExpression | undefined {
  const result = compiler.compile(text);
  if (result.ok) return result.expression;
  problems.add(path, 'EXPRESSION', result.message);
  return undefined;
}
