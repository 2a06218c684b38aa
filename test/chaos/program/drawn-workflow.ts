import type { SeededRandom } from '#testing/memory';
import { node } from '../../cluster/chain.js';
import type { Block } from './block.js';
import { type ExpectedFile, fileBlock } from './file-block.js';

/** A definition as it is posted, and what anybody may expect of its executions. */
export interface DrawnWorkflow {
  readonly definition: { readonly id: string; readonly description: string; readonly nodes: unknown[]; readonly edges: unknown[] };
  /** How an execution ends if nobody cancels it: `waits` until it is signalled, then completes. */
  readonly ends: 'completes' | 'fails' | 'waits';
  readonly files: readonly ExpectedFile[];
}

/** The name of the one signal that drawn workflows wait for. */
export const signalName = 'go';

export type BlockKind = 'step' | 'pause' | 'fork' | 'race' | 'choice' | 'flaky' | 'tolerated' | 'wait' | 'file' | 'fatal';

const everyday: readonly BlockKind[] = ['step', 'step', 'step', 'pause', 'fork', 'fork', 'race', 'choice', 'choice', 'flaky', 'tolerated'];

/** A random graph of one to five blocks, one after the other. `special` blocks are among them, at random places. */
export function drawWorkflow(random: SeededRandom, id: string, special: readonly BlockKind[] = []): DrawnWorkflow {
  const kinds = Array.from({ length: random.between(1, 4) }, () => random.pick(everyday));
  for (const kind of special) kinds.splice(random.between(0, kinds.length), 0, kind);
  const files: ExpectedFile[] = [];
  const blocks = kinds.map((kind, index) => {
    if (kind !== 'file') return drawBlock(random, kind, `b${index}`);
    const { block, file } = fileBlock(random, `b${index}`, `${id}/r${random.between(0, 999_999)}-${index}.csv`);
    files.push(file);
    return block;
  });
  const joints = blocks.slice(1).map((block, index) => ({ source: blocks[index]?.last, target: block.first }));
  const definition = {
    id,
    description: `chaos: ${kinds.join(' ')}`,
    nodes: blocks.flatMap((block) => block.nodes),
    edges: [...blocks.flatMap((block) => block.edges), ...joints],
    ...(isSpread(id) ? { sharding: { strategy: 'execution' } } : {}),
  };
  return { definition, ends: kinds.includes('fatal') ? 'fails' : kinds.includes('wait') ? 'waits' : 'completes', files };
}

function drawBlock(random: SeededRandom, kind: Exclude<BlockKind, 'file'>, name: string): Block {
  switch (kind) {
    case 'step':
      return single(effect(random, name));
    case 'pause':
      return single(node(name, 'flow.delay', { duration: `${random.between(50, 2_500)}ms` }));
    case 'wait':
      return single(node(name, 'flow.signal', { name: signalName }));
    case 'fatal':
      return single(node(name, 'flow.fail', { message: 'as drawn' }));
    case 'flaky': {
      const failFirst = random.between(1, 2);
      const retry = { maxAttempts: failFirst + 1, initialInterval: '100ms', multiplier: 2 };
      return single(effect(random, name, { failFirst }, { retry }));
    }
    case 'tolerated':
      return single(effect(random, name, { failAlways: true }, { onError: 'continue' }));
    case 'fork':
      return fork(random, name, 'all');
    case 'race':
      return fork(random, name, 'any');
    case 'choice':
      return choice(random, name);
  }
}

function single(one: { readonly id: string }): Block {
  return { nodes: [one], edges: [], first: one.id, last: one.id };
}

function effect(random: SeededRandom, id: string, config: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
  const nodeType = random.chance(0.25) ? 'chaos.thread' : 'chaos.effect';
  const ms = random.chance(0.1) ? random.between(500, 3_000) : random.between(1, 80);
  return node(id, nodeType, { ms, ...config }, rest);
}

/** A set, two or three branches of one or two effects, a merge. */
function fork(random: SeededRandom, name: string, mode: 'all' | 'any'): Block {
  const first = node(`${name}.in`, 'flow.set', { values: { from: `"${name}"` } });
  const last = node(`${name}.out`, 'flow.merge', { mode });
  const branches = Array.from({ length: random.between(2, 3) }, (_, branch) =>
    Array.from({ length: random.between(1, 2) }, (_, step) => effect(random, `${name}.${branch}.${step}`)),
  );
  const edges = branches.flatMap((branch) => path([first, ...branch, last]));
  return { nodes: [first, ...branches.flat(), last], edges, first: first.id, last: last.id };
}

/** A switch on the execution's input: one way is taken, the other skipped. */
function choice(random: SeededRandom, name: string): Block {
  const first = node(`${name}.in`, 'flow.switch', { cases: [{ handle: 'even', condition: 'input.n % 2 == 0' }], default: 'odd' });
  const last = node(`${name}.out`, 'flow.merge', { mode: 'any' });
  const ways = (['even', 'odd'] as const).map((handle) => ({ handle, step: effect(random, `${name}.${handle}`) }));
  const edges = ways.flatMap(({ handle, step }) => [
    { source: first.id, target: step.id, sourceHandle: handle },
    { source: step.id, target: last.id },
  ]);
  return { nodes: [first, ...ways.map(({ step }) => step), last], edges, first: first.id, last: last.id };
}

function path(nodes: readonly { readonly id: string }[]): { source: string | undefined; target: string }[] {
  return nodes.slice(1).map((target, index) => ({ source: nodes[index]?.id, target: target.id }));
}

/** Whether the executions of the workflow with this id are spread over all partitions. Not drawn: what a seed did before, it still does. */
export function isSpread(id: string): boolean {
  return id.startsWith('w-') ? id.length % 2 === 0 : /[147]$/.test(id);
}
