import type { DraftEdge, DraftNode } from './draft.js';
import { describe, isPlainObject, type ProblemList } from './problems.js';

type Raw = Readonly<Record<string, unknown>>;

/** Reads the edges whose both ends are nodes; `from`/`to` are the old names of `source`/`target`, a missing id is made up. */
export function readEdges(edges: readonly unknown[], nodes: readonly DraftNode[], problems: ProblemList): readonly DraftEdge[] {
  const nodeIds = new Set(nodes.map((node) => node.id));
  const taken = new Set<string>();
  const unnamed: number[] = [];
  const read: DraftEdge[] = [];
  for (const [index, raw] of edges.entries()) {
    const path = `edges[${index}]`;
    if (!isPlainObject(raw)) {
      problems.add(path, 'TYPE', `an edge must be an object, not ${describe(raw)}`);
      continue;
    }
    const id = readId(raw.id, path, taken, problems);
    const edge = readEnds(raw, path, nodeIds, problems);
    if (edge === undefined) continue;
    if (id === undefined) unnamed.push(read.length);
    read.push({ ...edge, id: id ?? '', path });
  }
  return nameUnnamed(read, unnamed, taken);
}

function readId(value: unknown, path: string, taken: Set<string>, problems: ProblemList): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id !== 'string' || id.length > 256) {
    problems.add(`${path}.id`, 'INVALID_ID', `an edge's id must be a text of at most 256 characters, not ${describe(value)}`);
    return undefined;
  }
  if (taken.has(id)) problems.add(`${path}.id`, 'DUPLICATE_ID', `${id} is already the id of another edge`);
  taken.add(id);
  return id;
}

function nameUnnamed(edges: DraftEdge[], unnamed: readonly number[], taken: ReadonlySet<string>): readonly DraftEdge[] {
  const copies = new Map<string, number>();
  for (const index of unnamed) {
    const edge = edges[index];
    if (edge === undefined) continue;
    const base = `${edge.source}-${edge.target}`;
    let copy = copies.get(base) ?? 1;
    while (taken.has(copyName(base, copy))) copy += 1;
    copies.set(base, copy + 1);
    edges[index] = { ...edge, id: copyName(base, copy) };
  }
  return edges;
}

function copyName(base: string, copy: number): string {
  return copy === 1 ? base : `${base}~${copy}`;
}

function readEnds(raw: Raw, path: string, nodeIds: ReadonlySet<string>, problems: ProblemList): Omit<DraftEdge, 'id' | 'path'> | undefined {
  const source = readEnd(raw, ['source', 'from'], { path, nodeIds, problems });
  const target = readEnd(raw, ['target', 'to'], { path, nodeIds, problems });
  const sourceHandle = readText(raw.sourceHandle, `${path}.sourceHandle`, problems) ?? 'out';
  const targetHandle = readText(raw.targetHandle, `${path}.targetHandle`, problems) ?? 'in';
  const condition = readText(raw.condition, `${path}.condition`, problems);
  if (source === undefined || target === undefined) return undefined;
  return { source, target, sourceHandle, targetHandle, condition };
}

interface Reading {
  readonly path: string;
  readonly nodeIds: ReadonlySet<string>;
  readonly problems: ProblemList;
}

function readEnd(raw: Raw, [name, oldName]: readonly [string, string], { path, nodeIds, problems }: Reading): string | undefined {
  const key = raw[name] === undefined && raw[oldName] !== undefined ? oldName : name;
  const value = raw[key];
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id !== 'string' || id === '') {
    problems.add(`${path}.${key}`, 'REQUIRED', `${name} must be a node's id, not ${describe(value)}`);
    return undefined;
  }
  if (nodeIds.has(id)) return id;
  problems.add(`${path}.${key}`, 'UNKNOWN_NODE', `there is no node ${JSON.stringify(id.slice(0, 128))}`);
  return undefined;
}

function readText(value: unknown, path: string, problems: ProblemList): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  problems.add(path, 'TYPE', `must be a text, not ${describe(value)}`);
  return undefined;
}
