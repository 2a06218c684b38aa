/** A workflow with some of everything: a stage with two sinks, a task, a signal, a delay, and one output. */
export function order(id: string) {
  const nodes = [
    { id: 'numbers', nodeType: 'sequence.numbers', config: { start: 1, end: 10 } },
    { id: 'even', nodeType: 'filter', config: { condition: 'value % 2 == 0' } },
    { id: 'log', nodeType: 'console.log', config: {} },
    { id: 'count', nodeType: 'aggregate.count', config: {} },
    { id: 'work', nodeType: 'test.effect', config: { step: 1 } },
    { id: 'approve', nodeType: 'flow.signal', config: { name: 'approve' } },
    { id: 'pause', nodeType: 'flow.delay', config: { duration: '300ms' } },
    {
      id: 'total',
      nodeType: 'flow.set',
      config: { values: { evens: 'nodes.count.output.count', by: 'nodes.approve.output.by', customer: 'input.customer' } },
    },
  ];
  const pairs = ['numbers even', 'even log', 'even count', 'count work', 'work approve', 'approve pause', 'pause total'];
  return { id, nodes, edges: pairs.map((pair) => ({ source: pair.split(' ')[0], target: pair.split(' ')[1] })) };
}

/** Waits for the signal `go`, then has `{version}` as its output. */
export function waitThenSet(id: string, version = 1) {
  const nodes = [
    { id: 'wait', nodeType: 'flow.signal', config: { name: 'go' } },
    { id: 'set', nodeType: 'flow.set', config: { values: { version } } },
  ];
  return { id, nodes, edges: [{ source: 'wait', target: 'set' }] };
}

/** One control node: its output is `{text}`. */
export function greet(id: string) {
  return { id, nodes: [{ id: 'greet', nodeType: 'flow.set', config: { values: { text: '"hello " + input.name' } } }], edges: [] };
}

/** One stage: its output is `{count: 10}`. */
export function tally(id: string) {
  const nodes = [
    { id: 'numbers', nodeType: 'sequence.numbers', config: { start: 1, end: 10 } },
    { id: 'count', nodeType: 'aggregate.count', config: {} },
  ];
  return { id, nodes, edges: [{ source: 'numbers', target: 'count' }] };
}
