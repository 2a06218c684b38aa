import { type DraftGraph, isDataNode, isStreamEdge } from '../definition/check-graph.js';
import type { DraftEdge } from '../definition/draft.js';

/** The graph cut into units: who belongs to which, members in topological order. */
export interface UnitGroups {
  readonly unitOf: ReadonlyMap<string, string>;
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/**
 * Data nodes joined by edges that records stream along form one stage; every other node is a unit of its own. A unit is
 * named by its first node in the given order.
 */
export function groupUnits(graph: DraftGraph, order: readonly string[]): UnitGroups {
  const streams = neighbours(graph.edges.filter((edge) => isStreamEdge(edge, graph)));
  const unitOf = new Map<string, string>();
  for (const id of order) {
    if (!unitOf.has(id)) spread(id, isDataNode(graph.nodes.get(id)) ? streams : new Map(), unitOf);
  }
  const members = new Map<string, string[]>();
  for (const id of order) {
    const unitId = unitOf.get(id) ?? id;
    const known = members.get(unitId);
    if (known === undefined) members.set(unitId, [id]);
    else known.push(id);
  }
  return { unitOf, members };
}

function neighbours(edges: readonly DraftEdge[]): ReadonlyMap<string, readonly string[]> {
  const joined = new Map<string, string[]>();
  const join = (a: string, b: string) => {
    const known = joined.get(a);
    if (known === undefined) joined.set(a, [b]);
    else known.push(b);
  };
  for (const { source, target } of edges) {
    join(source, target);
    join(target, source);
  }
  return joined;
}

function spread(first: string, joined: ReadonlyMap<string, readonly string[]>, unitOf: Map<string, string>): void {
  const pending = [first];
  unitOf.set(first, first);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const other of joined.get(id) ?? []) {
      if (unitOf.has(other)) continue;
      unitOf.set(other, first);
      pending.push(other);
    }
  }
}
