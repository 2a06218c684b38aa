import { controlNodes } from '../control/control-nodes.js';
import type { CoreEnvironment } from '../core-api.js';
import type { NodeCatalog, NodeDescriptor, NodeKind } from '../definition/node-catalog.js';
import { createCoreEnvironment } from '../environment.js';
import type { ExpressionCompiler, ExpressionScope } from '../expressions.js';
import type { Json } from '../json.js';

function descriptor(nodeType: string, kind: NodeKind): NodeDescriptor {
  return {
    nodeType,
    kind,
    runOn: 'loop',
    outputHandles: ['out'],
    expressionKeys: ['condition'],
    normaliseConfig: (config) => config,
    validateConfig: (config) => ('bad' in config ? [{ path: 'bad', code: 'VALUE', message: 'bad is never right' }] : []),
  };
}

const descriptors = [
  descriptor('test.step', 'task'),
  descriptor('test.source', 'source'),
  descriptor('test.map', 'transform'),
  descriptor('test.sink', 'sink'),
  descriptor('test.file', 'source'),
  descriptor('test.file', 'sink'),
  descriptor('test.count', 'transform'),
  descriptor('test.count', 'sink'),
  ...controlNodes,
];

const catalog: NodeCatalog = {
  rolesOf: (nodeType) => descriptors.filter((candidate) => candidate.nodeType === nodeType),
  nodeTypes: () => [...new Set(descriptors.map((candidate) => candidate.nodeType))],
};

/** Just enough of a language: JSON literals, paths such as `nodes.a.output.n`, `path > number`, `path == literal`. */
const expressions: ExpressionCompiler = {
  compile: (text) => {
    if (text.includes('(')) return { ok: false, message: `syntax: ${text}` };
    return { ok: true, expression: { evaluate: (scope) => evaluate(text.trim(), scope) } };
  },
};

type Evaluated = { ok: true; value: Json } | { ok: false; message: string };

function evaluate(text: string, scope: ExpressionScope): Evaluated {
  const [, left, operator, right] = /^(.+?)\s*(>|==)\s*(.+)$/.exec(text) ?? [];
  if (left === undefined || right === undefined) return term(text, scope);
  const [a, b] = [term(left, scope), term(right, scope)];
  if (!a.ok) return a;
  if (!b.ok) return b;
  return { ok: true, value: operator === '>' ? Number(a.value) > Number(b.value) : JSON.stringify(a.value) === JSON.stringify(b.value) };
}

function term(text: string, scope: ExpressionScope): Evaluated {
  if (/^(-?\d|"|true$|false$|null$|\[|\{)/.test(text)) return { ok: true, value: JSON.parse(text) };
  let value: Json = scope;
  for (const name of text.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
      return { ok: false, message: `no such field: ${name}` };
    }
    value = (value as Readonly<Record<string, Json>>)[name] ?? null;
  }
  return { ok: true, value };
}

/** A small catalogue, a small language, and the real control nodes. */
export const testEnvironment: CoreEnvironment = createCoreEnvironment({ catalog, expressions });
