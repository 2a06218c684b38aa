import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { edge, graph, node } from '../testing/definitions.js';
import { testEnvironment } from '../testing/test-environment.js';
import { compileDefinition } from './compile-definition.js';

function compile(raw: unknown) {
  return compileDefinition(raw, testEnvironment, { workflowId: 'w', version: 3 });
}

/** `path CODE` of each problem. */
function problems(raw: unknown): readonly string[] {
  const compiled = compile(raw);
  expect(compiled.plan === undefined).toBe(compiled.problems.length > 0);
  return compiled.problems.map(({ path, code }) => `${path} ${code}`);
}

function messages(raw: unknown): string {
  return compile(raw)
    .problems.map(({ message }) => message)
    .join('\n');
}

const step = (id: string, extra: JsonObject = {}) => node(id, 'test.step', {}, extra);

describe('the graph', () => {
  it('has no cycles, and names the one it has', () => {
    const cyclic = graph([step('a'), step('b'), step('c'), step('d')], [edge('a', 'b'), edge('b', 'c'), edge('c', 'd'), edge('d', 'b')]);
    expect(problems(cyclic)).toEqual(['edges CYCLE']);
    expect(messages(cyclic)).toMatch(/cycle: (b → c → d → b|c → d → b → c|d → b → c → d)$/);
    expect(problems(graph([step('a')], [edge('a', 'a')]))).toEqual(['edges CYCLE']);
    expect(problems(graph([step('a'), step('b', { onError: { goto: 'a' } })], [edge('a', 'b')]))).toEqual(['edges CYCLE']);
  });

  it('feeds every sink and transform, and no source', () => {
    expect(problems(graph([node('a', 'test.map'), node('b', 'test.sink')]))).toEqual(['nodes[0] NO_INPUT', 'nodes[1] NO_INPUT']);
    expect(problems(graph([step('a', { onError: { goto: 'b' } }), node('b', 'test.map')]))).toEqual([]);
    const fed = graph([node('a', 'test.source'), node('b', 'test.source'), node('c', 'test.sink')], [edge('a', 'b'), edge('b', 'c')]);
    expect(problems(fed)).toEqual(['edges[0].target SOURCE_FED']);
  });

  it('has edges only from handles that exist', () => {
    const cases = [{ handle: 'yes', condition: 'true' }];
    const nodes = [node('s', 'flow.switch', { cases, default: 'no' }), step('a'), step('b'), step('c')];
    expect(problems(graph(nodes, [edge('s:yes', 'a'), edge('s:no', 'b'), edge('s', 'c'), edge('a:err', 'c')]))).toEqual([
      'edges[2].sourceHandle UNKNOWN_HANDLE',
      'edges[3].sourceHandle UNKNOWN_HANDLE',
    ]);
  });

  it('has no conditions where records stream', () => {
    expect(problems(graph([node('a', 'test.source'), node('b', 'test.sink')], [edge('a', 'b', 'true')]))).toEqual([
      'edges[0].condition CONDITION_IN_STAGE',
    ]);
  });

  it('does not leave a stage and enter it again', () => {
    const nodes = [node('src', 'test.source'), step('t'), node('map', 'test.map'), node('out', 'test.sink')];
    const edges = [edge('src', 'map'), edge('map', 'out'), edge('src', 't'), edge('t', 'out')];
    expect(problems(graph(nodes, edges))).toEqual(['edges STAGE_CYCLE']);
  });
});

describe('stages', () => {
  it('join data nodes up to the next control or task node', () => {
    const nodes = [
      node('out', 'test.sink'),
      node('map', 'test.map'),
      node('src', 'test.source'),
      step('t'),
      node('map2', 'test.map'),
      node('out2', 'test.sink'),
    ];
    const edges = [edge('src', 'map'), edge('map', 'out'), edge('out', 't'), edge('t', 'map2'), edge('map2', 'out2')];
    const { plan } = compile(graph(nodes, edges));
    expect([...(plan?.units.values() ?? [])].map(({ id, kind, nodeIds }) => ({ id, kind, nodeIds }))).toEqual([
      { id: 'src', kind: 'stage', nodeIds: ['src', 'map', 'out'] },
      { id: 't', kind: 'task', nodeIds: ['t'] },
      { id: 'map2', kind: 'stage', nodeIds: ['map2', 'out2'] },
    ]);
    expect(plan?.units.get('src')?.innerEdges.map(({ id }) => id)).toEqual(['src-map', 'map-out']);
    expect(plan?.units.get('map2')?.incoming.map(({ source }) => source)).toEqual(['t']);
    expect(plan?.startUnits).toEqual(['src']);
    expect(plan?.version).toBe(3);
  });

  it('begin anew where a source comes after a sink', () => {
    const nodes = [node('a', 'test.source'), node('b', 'test.sink'), node('c', 'test.source'), node('d', 'test.sink')];
    const { plan } = compile(graph(nodes, [edge('a', 'b'), edge('b', 'c'), edge('c', 'd')]));
    expect([...(plan?.units.keys() ?? [])]).toEqual(['a', 'c']);
  });

  it('have one retry, time-out and onError', () => {
    const agree = graph(
      [node('a', 'test.source', {}, { timeout: '1m' }), node('b', 'test.sink', {}, { timeout: '60s', retry: { maxAttempts: 2 } })],
      [edge('a', 'b')],
    );
    expect(compile(agree).plan?.units.get('a')).toMatchObject({ timeoutMs: 60_000, retry: { maxAttempts: 2 } });
    const differ = graph(
      [node('a', 'test.source', {}, { timeout: '1m' }), node('b', 'test.sink', {}, { timeout: '2m' })],
      [edge('a', 'b')],
    );
    expect(problems(differ)).toEqual(['nodes[1].timeout STAGE_POLICY_CONFLICT']);
  });
});
