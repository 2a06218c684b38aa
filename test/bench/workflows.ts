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

/** One task in a thread that waits or computes for `ms` (isolation). */
export function occupier(id: string, ms: number, spin: boolean): Definition {
  return { id, nodes: [{ id: 'occupy', nodeType: 'bench.occupy', config: { ms, spin } }], edges: [] };
}

/** A stage of one thread that computes for hours (stage-mix): to be cancelled. */
export function busyStage(id: string): Definition {
  const nodes = [
    { id: 'numbers', nodeType: 'sequence.numbers', config: { start: 1, end: 2_000_000_000 } },
    { id: 'map', nodeType: 'map', config: { expression: 'value * 3 + 1' } },
    { id: 'filter', nodeType: 'filter', config: { condition: 'value % 7 == 3' } },
    { id: 'count', nodeType: 'aggregate.count', config: {} },
  ];
  return { id, nodes, edges: chain(nodes) };
}

/** CSV → filter → map → group-by → CSV, all in one stage (W5). */
export function csvFlow(id: string, input: string, output: string): Definition {
  const nodes = [
    { id: 'read', nodeType: 'file.csv', config: { path: input } },
    { id: 'filter', nodeType: 'filter', config: { condition: 'amount > 100' } },
    { id: 'map', nodeType: 'map', config: { expression: '{"region": region, "amount": amount * 2}' } },
    { id: 'group', nodeType: 'aggregate', config: { groupBy: ['region'], field: 'amount', functions: ['count', 'sum'] } },
    { id: 'write', nodeType: 'file.csv', config: { path: output } },
  ];
  return { id, nodes, edges: chain(nodes) };
}

function chain(nodes: readonly { readonly id: string }[]): Record<string, unknown>[] {
  return nodes.slice(1).map((node, i) => ({ id: `e${i}`, source: nodes[i]?.id, target: node.id }));
}
