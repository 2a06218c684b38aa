import { describe, expect, it } from 'vitest';
import { controlNodes } from '#core';
import { defineNode } from '../users/user-node.js';
import { createDataNodeResolver } from './data-node-resolver.js';
import { createNodeCatalog } from './node-catalog.js';

const greet = defineNode({
  nodeType: 'demo.greet',
  kind: 'task',
  label: 'Greet',
  runOn: 'loop',
  configSchema: {
    type: 'object',
    properties: { who: { type: 'string', title: 'Who' }, times: { type: 'integer', default: 1 } },
    required: ['who'],
  },
  run: ({ config }) => ({ hello: config.who ?? null }),
});
const twice = defineNode({ nodeType: 'demo.twice', kind: 'transform', transform: (records) => [...records, ...records] });
const userNodes = [greet, twice].map((node) => ({ node, url: `file:///nodes/${node.nodeType}.mjs` }));

describe('the node catalogue', () => {
  const catalog = createNodeCatalog({ userNodes });

  it('gives every role of a node type that has two', () => {
    expect(
      catalog
        .rolesOf('file.text')
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['sink', 'source']);
    expect(catalog.rolesOf('no.such')).toEqual([]);
  });

  it('knows old names but does not list them', () => {
    expect(catalog.rolesOf('filter.condition')).toHaveLength(1);
    expect(catalog.describe().transform.map(({ type }) => type)).not.toContain('filter.condition');
  });

  it('describes a task of a user with its config', () => {
    expect(catalog.rolesOf('demo.greet')).toMatchObject([{ kind: 'task', runOn: 'loop' }]);
    expect(catalog.describe().task).toMatchObject([
      {
        type: 'demo.greet',
        displayName: 'Greet',
        category: 'custom',
        config: { who: { type: 'string', required: true, label: 'Who' }, times: { type: 'integer', default: 1, label: 'times' } },
      },
    ]);
  });

  it("checks a user's config against its schema, with defaults and numbers as text", () => {
    const [role] = catalog.rolesOf('demo.greet');
    expect(role?.normaliseConfig({ who: 'you', times: '3' })).toEqual({ who: 'you', times: 3 });
    expect(role?.validateConfig({})).toMatchObject([{ path: 'who', code: 'REQUIRED' }]);
  });

  it('shows every control node of the core, and every listed node in full', () => {
    expect(
      catalog
        .describe()
        .control.map(({ type }) => type)
        .sort(),
    ).toEqual(controlNodes.map(({ nodeType }) => nodeType).sort());
    for (const entry of Object.values(catalog.describe()).flat()) {
      expect(entry.displayName).not.toBe('');
      expect(entry.configSchema).toMatchObject({ type: 'object' });
    }
  });

  it('refuses a user node that takes the name of a built-in one', () => {
    const clash = [{ node: defineNode({ nodeType: 'filter', kind: 'task', run: () => 1 }), url: 'file:///nodes/mine.mjs' }];
    expect(() => createNodeCatalog({ userNodes: clash })).toThrow(/mine\.mjs.*filter is taken/);
  });

  it('resolves data nodes for a stage, in the role asked for', () => {
    const resolve = createDataNodeResolver(userNodes);
    expect(resolve('file.csv', 'sink')?.kind).toBe('sink');
    expect(resolve('demo.twice', 'transform')?.displayName).toBe('demo.twice');
    expect(resolve('demo.greet', 'transform')).toBeUndefined();
  });
});
