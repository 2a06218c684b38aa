import type { CompiledExpression, ExpressionCompiler, ExpressionScope, Json, NodeCatalog, NodeDescriptor, NodeKind } from '#core';

function descriptor(nodeType: string, kind: NodeKind): NodeDescriptor {
  return {
    nodeType,
    kind,
    runOn: 'loop',
    outputHandles: ['out'],
    expressionKeys: [],
    normaliseConfig: (config) => config,
    validateConfig: () => [],
  };
}

const testNodes: readonly NodeDescriptor[] = [
  descriptor('test.step', 'task'),
  descriptor('test.source', 'source'),
  descriptor('test.pass', 'transform'),
  descriptor('test.sink', 'sink'),
];

/** `test.step` (task), `test.source`, `test.pass`, `test.sink` (data) and the given control nodes; any config is fine. */
export function testCatalog(controlNodes: readonly NodeDescriptor[]): NodeCatalog {
  const all = [...testNodes, ...controlNodes];
  const names = [...new Set(all.map((one) => one.nodeType))];
  const roles = new Map(names.map((name) => [name, all.filter((one) => one.nodeType === name)]));
  return { rolesOf: (nodeType) => roles.get(nodeType) ?? [], nodeTypes: () => names };
}

/** JSON literals and dotted names such as `nodes.a.output`: enough for tests of what is not about expressions. */
export const literalExpressions: ExpressionCompiler = {
  compile(text) {
    const literal = parseLiteral(text);
    if (literal !== undefined) return { ok: true, expression: constant(literal) };
    if (/^[A-Za-z_][\w.-]*$/.test(text)) return { ok: true, expression: { evaluate: (scope) => lookUp(scope, text.split('.')) } };
    return { ok: false, message: `neither a JSON literal nor a name: ${text}` };
  },
};

function constant(value: Json): CompiledExpression {
  return { evaluate: () => ({ ok: true, value }) };
}

function parseLiteral(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function lookUp(scope: ExpressionScope, path: readonly string[]): ReturnType<CompiledExpression['evaluate']> {
  let value: Json | undefined = scope;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value === undefined ? { ok: false, message: `no such name: ${path.join('.')}` } : { ok: true, value };
}

function isObject(value: Json | undefined): value is ExpressionScope {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
