import type { SeededRandom } from '#testing/memory';
import { node } from '../../cluster/chain.js';
import type { Block } from './block.js';

/** A file that a completed execution leaves, byte for byte. */
export interface ExpectedFile {
  /** Below the files root. */
  readonly path: string;
  readonly records: number;
  /** Of `records` numbers from 1, those whose remainder by this is zero are in the file. */
  readonly every: number;
}

/** Numbers, filtered and squared into a CSV file, at a pace that takes some checkpoints. */
export function fileBlock(random: SeededRandom, name: string, path: string): { block: Block; file: ExpectedFile } {
  const records = random.between(5, 40) * 1_000;
  const every = random.between(1, 4);
  const msPerThousand = random.between(10, 80);
  const nodes = [
    node(`${name}.in`, 'sequence.numbers', { start: 1, end: records }),
    node(`${name}.pace`, 'chaos.pace', { msPerThousand }),
    node(`${name}.some`, 'filter', { condition: `value % ${every} == 0` }),
    node(`${name}.square`, 'map', { expression: '{"n": value, "square": value * value}' }),
    node(`${name}.out`, 'file.csv', { path }),
  ];
  const edges = nodes.slice(1).map((target, index) => ({ source: nodes[index]?.id, target: target.id }));
  return { block: { nodes, edges, first: `${name}.in`, last: `${name}.out` }, file: { path, records, every } };
}

/** What must be in it. */
export function contentOf({ records, every }: ExpectedFile): string {
  const lines = ['n,square'];
  for (let n = every; n <= records; n += every) lines.push(`${n},${n * n}`);
  return `${lines.join('\n')}\n`;
}
