import type { JsonObject } from '../json.js';
import { type DraftNode, idShape, idSpelling } from './draft.js';
import type { NodeCatalog } from './node-catalog.js';
import { describe, isPlainObject, type ProblemList } from './problems.js';
import { readPolicies } from './read-policies.js';

type Raw = Readonly<Record<string, unknown>>;

/** Reads the nodes that can be read; what is wrong with the others is a problem each. */
export function readNodes(nodes: readonly unknown[], catalog: NodeCatalog, problems: ProblemList): readonly DraftNode[] {
  const seen = new Map<string, string>();
  const read: DraftNode[] = [];
  for (const [index, raw] of nodes.entries()) {
    const path = `nodes[${index}]`;
    if (!isPlainObject(raw)) {
      problems.add(path, 'TYPE', `a node must be an object, not ${describe(raw)}`);
      continue;
    }
    const node = readNode(raw, path, catalog, problems);
    if (node === undefined) continue;
    const first = seen.get(node.id);
    if (first === undefined) {
      seen.set(node.id, path);
      read.push(node);
    } else problems.add(`${path}.id`, 'DUPLICATE_ID', `${node.id} is already the id of ${first}`);
  }
  return read;
}

function readNode(raw: Raw, path: string, catalog: NodeCatalog, problems: ProblemList): DraftNode | undefined {
  const id = readId(raw.id, `${path}.id`, problems);
  const nodeType = readNodeType(raw, path, catalog, problems);
  const config = readConfig(raw.config, `${path}.config`, problems);
  const policies = readPolicies(raw, path, problems);
  if (id === undefined) return undefined;
  const label = typeof raw.label === 'string' && raw.label !== '' ? raw.label : id;
  return { path, id, nodeType: nodeType ?? '', hint: typeof raw.type === 'string' ? raw.type : undefined, label, config, policies };
}

function readId(value: unknown, path: string, problems: ProblemList): string | undefined {
  const id = typeof value === 'number' ? String(value) : value; // old editors numbered them
  if (typeof id === 'string' && idShape.test(id)) return id;
  problems.add(path, value === undefined ? 'REQUIRED' : 'INVALID_ID', `a node's id must be ${idSpelling}, not ${describe(value)}`);
  return undefined;
}

/** An old definition may name the node type in `type` alone. */
function readNodeType(raw: Raw, path: string, catalog: NodeCatalog, problems: ProblemList): string | undefined {
  if (typeof raw.nodeType === 'string' && raw.nodeType !== '') return raw.nodeType;
  if (raw.nodeType === undefined && typeof raw.type === 'string' && catalog.rolesOf(raw.type).length > 0) return raw.type;
  problems.add(`${path}.nodeType`, 'REQUIRED', `nodeType must be the name of a node type, not ${describe(raw.nodeType)}`);
  return undefined;
}

function readConfig(value: unknown, path: string, problems: ProblemList): JsonObject {
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  problems.add(path, 'TYPE', `config must be an object, not ${describe(value)}`);
  return {};
}

/** The definition came as JSON, so an object in it is a JSON object. */
function isJsonObject(value: unknown): value is JsonObject {
  return isPlainObject(value);
}
