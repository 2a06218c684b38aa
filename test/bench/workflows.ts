interface Definition {
  readonly id: string;
  readonly nodes: readonly Record<string, unknown>[];
  readonly edges: readonly Record<string, unknown>[];
}

/** `length` steps one after another (W1: 5 of `bench.step`; W3: 10 of `bench.slow`). */
export function pipeline(id: string, length: number, nodeType = 'bench.step'): Definition {
  const nodes = Array.from({ length }, (_, i) => ({ id: `s${i}`, nodeType, config: { i } }));
  const edges = nodes.slice(1).map((node, i) => ({ id: `e${i}`, source: `s${i}`, target: node.id }));
  return { id, nodes, edges };
}

/** `width` steps side by side and a join (W2: 16). */
export function fan(id: string, width: number): Definition {
  const steps = Array.from({ length: width }, (_, i) => ({ id: `s${i}`, nodeType: 'bench.step', config: { i } }));
  const edges = steps.map((step, i) => ({ id: `e${i}`, source: step.id, target: 'join' }));
  return { id, nodes: [...steps, { id: 'join', nodeType: 'flow.merge', config: { mode: 'all' } }], edges };
}

/** Waits for the signal `go` (W4). */
export function waiter(id: string): Definition {
  return { id, nodes: [{ id: 'wait', nodeType: 'flow.signal', config: { name: 'go' } }], edges: [] };
}
