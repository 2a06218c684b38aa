import fc from 'fast-check';
import type { Json, JsonObject } from '../json.js';

interface NodeDraw {
  readonly kind: number;
  readonly onError: number;
  readonly attempts: number;
  readonly timeout: boolean;
}

interface EdgeDraw {
  readonly from: number;
  readonly to: number;
  readonly condition: number;
}

const nodeDraw = fc.record({ kind: fc.nat(99), onError: fc.nat(9), attempts: fc.integer({ min: 1, max: 2 }), timeout: fc.boolean() });
const edgeDraw = fc.record({ from: fc.nat(7), to: fc.nat(7), condition: fc.nat(9) });

/** A random graph without cycles: tasks, data nodes, every control node, conditions, goto, retries and time-outs. Not every one is valid. */
export const randomGraph: fc.Arbitrary<JsonObject> = fc
  .record({ nodes: fc.array(nodeDraw, { minLength: 1, maxLength: 8 }), edges: fc.array(edgeDraw, { maxLength: 14 }) })
  .map(({ nodes, edges }) => {
    const pairs = edges
      .map(({ from, to, condition }) => ({ from: Math.min(from, to), to: Math.max(from, to), condition }))
      .filter(({ from, to }) => from !== to && to < nodes.length);
    const unique = [...new Map(pairs.map((pair) => [`${pair.from}-${pair.to}`, pair])).values()];
    return {
      nodes: nodes.map((draw, index) => drawNode(draw, index, { nodes, unique })),
      edges: unique.map((pair) => drawEdge(pair, nodes)),
    };
  });

interface Drawn {
  readonly nodes: readonly NodeDraw[];
  readonly unique: readonly EdgeDraw[];
}

function drawNode(draw: NodeDraw, index: number, { nodes, unique }: Drawn): JsonObject {
  const hasIncoming = unique.some(({ to }) => to === index);
  const { nodeType, config } = typeOf(draw, hasIncoming);
  const isTask = nodeType === 'test.step';
  return {
    id: `n${index}`,
    nodeType,
    config,
    ...(isTask ? { retry: { maxAttempts: draw.attempts } } : {}),
    ...(isTask && draw.timeout ? { timeout: '10s' } : {}),
    ...onErrorOf(draw, index, nodes.length),
  };
}

function typeOf({ kind }: NodeDraw, hasIncoming: boolean): { readonly nodeType: string; readonly config: JsonObject } {
  if (kind < 25) return { nodeType: 'test.step', config: {} };
  if (kind < 60) return { nodeType: hasIncoming ? 'test.map' : 'test.source', config: {} };
  if (kind < 67) return { nodeType: 'flow.set', config: { values: { n: '1' } } };
  if (kind < 74) return { nodeType: 'flow.delay', config: { duration: kind % 2 === 0 ? '0s' : '5s' } };
  if (kind < 82) return { nodeType: 'flow.signal', config: { name: `s${kind % 2}`, ...(kind < 78 ? { timeout: '1h' } : {}) } };
  if (kind < 90) return { nodeType: 'flow.switch', config: { cases: [{ handle: 'x', condition: String(kind % 2 === 0) }], default: 'y' } };
  if (kind < 98) return { nodeType: 'flow.merge', config: { mode: kind % 2 === 0 ? 'any' : 'all' } };
  return { nodeType: 'flow.fail', config: { message: 'on purpose' } };
}

function onErrorOf({ onError }: NodeDraw, index: number, count: number): { readonly onError?: Json } {
  if (onError < 2) return { onError: 'continue' };
  return onError < 4 && index + 1 < count ? { onError: { goto: `n${index + 1 + (onError % (count - index - 1))}` } } : {};
}

function drawEdge({ from, to, condition }: EdgeDraw, nodes: readonly NodeDraw[]): JsonObject {
  const kind = nodes[from]?.kind ?? 0;
  const isSwitch = kind >= 82 && kind < 90;
  return {
    source: `n${from}`,
    target: `n${to}`,
    ...(isSwitch ? { sourceHandle: condition % 2 === 0 ? 'x' : 'y' } : {}),
    ...(condition < 2 ? { condition: String(condition === 0) } : {}),
  };
}
