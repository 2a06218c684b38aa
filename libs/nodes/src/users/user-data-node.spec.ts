import { describe, expect, it } from 'vitest';
import type { Json } from '#core';
import type { NodeContext } from '../api/node-context.js';
import { testContext } from '../sql-query/testing/node-context.js';
import { asDataNode } from './user-data-node.js';
import { defineNode, type UserSinkContext } from './user-node.js';

const context = (config = {}): NodeContext => testContext('/root', config);

describe("a user's source", () => {
  const counter = defineNode({
    nodeType: 'demo.counter',
    kind: 'source',
    async *read({ config, cursor }) {
      const from = typeof cursor === 'number' ? cursor : 0;
      for (let n = from; n < Number(config.end); n += 2) yield { records: [n, n + 1], cursor: n + 2 };
    },
  });

  async function read(cursor: Json | undefined): Promise<unknown[]> {
    const node = asDataNode(counter);
    if (node?.kind !== 'source') throw new Error('not a source');
    return collect(node.create(context({ end: 4 })).read(cursor));
  }
  async function collect(batches: AsyncIterable<unknown> | Iterable<unknown>): Promise<unknown[]> {
    const all: unknown[] = [];
    for await (const batch of batches) all.push(batch);
    return all;
  }

  it('is pulled from the start, and goes on from a cursor', async () => {
    expect(await read(undefined)).toEqual([
      { records: [0, 1], cursor: 2 },
      { records: [2, 3], cursor: 4 },
    ]);
    expect(await read(2)).toEqual([{ records: [2, 3], cursor: 4 }]);
  });

  it('fails when it gives something else than batches', async () => {
    const node = asDataNode(defineNode({ nodeType: 'demo.bad', kind: 'source', read: () => [1 as never] }));
    if (node?.kind !== 'source') throw new Error('not a source');
    await expect(collect(node.create(context()).read(undefined))).rejects.toMatchObject({ code: 'NOT_A_BATCH', retryable: false });
  });
});

describe("a user's transform", () => {
  const sum = defineNode({
    nodeType: 'demo.sum',
    kind: 'transform',
    transform(records, { state }) {
      state.sum = records.reduce<number>((total, record) => total + Number(record), Number(state.sum ?? 0));
      return [];
    },
    finish: ({ state }) => [state.sum ?? null],
  });

  function create() {
    const node = asDataNode(sum);
    if (node?.kind !== 'transform') throw new Error('not a transform');
    return node.create(context());
  }

  it('keeps its state over a checkpoint', async () => {
    const first = create();
    await first.process([1, 2]);
    const checkpoint = first.state?.();
    await first.process([100]);
    expect(checkpoint).toEqual({ sum: 3 });
    const second = create();
    second.restore?.(checkpoint ?? null);
    await second.process([4]);
    const rest: unknown[] = [];
    for await (const batch of second.finish?.() ?? []) rest.push(batch);
    expect(rest).toEqual([[7]]);
  });
});

describe("a user's sink", () => {
  it('learns the position of each batch, goes on from a checkpoint, and gives its output at the end', async () => {
    const positions: number[] = [];
    const sink = defineNode({
      nodeType: 'demo.sink',
      kind: 'sink',
      write(_records, { position }: UserSinkContext) {
        positions.push(position);
      },
      finish: ({ position }) => ({ written: position }),
    });
    const node = asDataNode(sink);
    if (node?.kind !== 'sink') throw new Error('not a sink');
    const first = node.create(context());
    await first.open(undefined);
    await first.write([1, 2, 3]);
    const second = node.create(context());
    await second.open(await first.checkpoint());
    await second.write([4]);
    expect(positions).toEqual([0, 3]);
    expect(await second.seal()).toEqual({ seal: 4, output: { written: 4 } });
  });
});

describe("a user's task", () => {
  it('is no node of a stage', () => {
    expect(asDataNode(defineNode({ nodeType: 'demo.task', kind: 'task', run: () => 1 }))).toBeUndefined();
  });
});
