/** A definition as a user would post it. */
interface Given {
  readonly id: string;
  readonly nodes: unknown[];
  readonly edges: unknown[];
}

/** Nodes one after the other. */
export function chain(id: string, ...nodes: readonly { readonly id: string }[]): Given {
  return { id, nodes: [...nodes], edges: nodes.slice(1).map((node, i) => ({ source: nodes[i]?.id, target: node.id })) };
}

/** A node by its type; `rest` holds its policies, e.g. `timeout`. */
export function node(id: string, nodeType: string, config: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
  return { id, nodeType, config, ...rest };
}
