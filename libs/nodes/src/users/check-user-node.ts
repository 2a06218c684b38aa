import type { UserNode } from './user-node.js';

/** The function that each kind must have. */
const requiredFunction = { task: 'run', source: 'read', transform: 'transform', sink: 'write' } as const;

/** Why a value is no user's node; undefined when it is one. */
export function whyNoUserNode(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'a node must be an object';
  const node = value as Readonly<Record<string, unknown>>;
  if (typeof node.nodeType !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(node.nodeType)) {
    return 'nodeType must be 1 to 128 of A-Z a-z 0-9 . _ -, beginning with a letter or digit';
  }
  const kind = kindOf(node.kind);
  if (kind === undefined) return `${node.nodeType}: kind must be task, source, transform or sink`;
  if (typeof node[requiredFunction[kind]] !== 'function') return `${node.nodeType}: a ${kind} needs a function ${requiredFunction[kind]}`;
  const wrong = wrongOptional(node);
  return wrong === undefined ? undefined : `${node.nodeType}: ${wrong}`;
}

export function isUserNode(value: unknown): value is UserNode {
  return whyNoUserNode(value) === undefined;
}

function kindOf(kind: unknown): keyof typeof requiredFunction | undefined {
  return kind === 'task' || kind === 'source' || kind === 'transform' || kind === 'sink' ? kind : undefined;
}

function wrongOptional(node: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of ['label', 'icon', 'category', 'description']) {
    if (node[key] !== undefined && typeof node[key] !== 'string') return `${key} must be a text`;
  }
  if (node.runOn !== undefined && node.runOn !== 'loop' && node.runOn !== 'thread') return 'runOn must be thread or loop';
  if (node.finish !== undefined && typeof node.finish !== 'function') return 'finish must be a function';
  const schema = node.configSchema;
  return schema === undefined || (typeof schema === 'object' && schema !== null && !Array.isArray(schema))
    ? undefined
    : 'configSchema must be a JSON Schema';
}
