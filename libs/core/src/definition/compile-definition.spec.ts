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

describe('structure', () => {
  it('must be an object with lists of nodes and edges', () => {
    for (const raw of [null, 3, 'x', [], undefined]) expect(problems(raw)).toEqual([' TYPE']);
    expect(problems({})).toEqual(['nodes REQUIRED', 'edges REQUIRED']);
    expect(problems({ nodes: {}, edges: 'x' })).toEqual(['nodes TYPE', 'edges TYPE']);
    expect(problems(graph([]))).toEqual(['nodes REQUIRED']);
    expect(compile({}).definition).toBeUndefined();
  });

  it('lists every problem at once, each with its path', () => {
    const raw = {
      name: 5,
      nodes: [
        'x',
        { id: 'a b', nodeType: 'test.step' },
        { id: 'c' },
        step('d'),
        step('d'),
        node('e', 'test.step', { bad: 1 }),
        { id: 'f', nodeType: 'test.step', config: [] },
      ],
      edges: [
        7,
        edge('d', 'nobody'),
        { source: 'd' },
        { id: 'q', source: 'd', target: 'e' },
        { id: 'q', source: 'd', target: 'f', condition: 3 },
      ],
    };
    expect(problems(raw)).toEqual([
      'nodes[0] TYPE',
      'nodes[1].id INVALID_ID',
      'nodes[2].nodeType REQUIRED',
      'nodes[4].id DUPLICATE_ID',
      'nodes[6].config TYPE',
      'edges[0] TYPE',
      'edges[1].target UNKNOWN_NODE',
      'edges[2].target REQUIRED',
      'edges[4].id DUPLICATE_ID',
      'edges[4].condition TYPE',
      'name TYPE',
      'nodes[5].config.bad VALUE',
    ]);
  });

  it('has a limit of 10,000 nodes', () => {
    expect(problems(graph(Array.from({ length: 10_001 }, (_, index) => step(`n${index}`))))).toEqual(['nodes TOO_LARGE']);
  });

  it('compiles a chain of 10,000 nodes', () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => step(`n${index}`));
    const edges = Array.from({ length: 9_999 }, (_, index) => edge(`n${index}`, `n${index + 1}`));
    expect(compile(graph(nodes, edges)).plan?.startUnits).toEqual(['n0']);
    expect(problems(graph(nodes, [...edges, edge('n9999', 'n0')]))).toEqual(['edges CYCLE']);
  });
});

describe('old definitions', () => {
  it('are read as they are: from and to, missing edge ids, handles, labels, positions and types', () => {
    const { definition, plan } = compile({
      id: 'w',
      extra: { kept: true },
      nodes: [
        { id: 1, nodeType: 'test.source' },
        { id: 'b', type: 'test.sink' },
      ],
      edges: [{ from: 1, to: 'b', sourceHandle: null }],
    });
    expect(definition).toMatchObject({
      id: 'w',
      name: 'w',
      extra: { kept: true },
      nodes: [
        { id: '1', label: '1', config: {} },
        { id: 'b', nodeType: 'test.sink' },
      ],
      edges: [{ id: '1-b', source: '1', target: 'b', sourceHandle: 'out', targetHandle: 'in' }],
    });
    expect(plan?.units.get('1')).toMatchObject({ kind: 'stage', nodeIds: ['1', 'b'] });
  });

  it('get edge ids of their own that do not clash', () => {
    const edges = [edge('a', 'b'), edge('a', 'b'), { id: 'a-b', source: 'a', target: 'b' }];
    expect(compile(graph([step('a'), step('b')], edges)).definition?.edges.map(({ id }) => id)).toEqual(['a-b~2', 'a-b~3', 'a-b']);
  });
});

describe('node types', () => {
  it('must be known; the nearest is suggested', () => {
    expect(messages(graph([node('a', 'test.stp')]))).toContain('did you mean test.step?');
    expect(messages(graph([node('a', 'qwertyuiop')]))).toBe('there is no node type "qwertyuiop"');
    expect(messages(graph([node('a', 'flow.approval')]))).toContain('not available in this version');
    expect(messages(graph([node('a', 'mysql.query')]))).toContain('use sql.query');
  });

  it('with several roles play the one that the edges give them', () => {
    const chain = graph([node('in', 'test.file'), node('n', 'test.count'), node('out', 'test.file')], [edge('in', 'n'), edge('n', 'out')]);
    const kinds = (raw: JsonObject) => [...(compile(raw).plan?.nodes.values() ?? [])].map(({ kind }) => kind);
    expect(kinds(chain)).toEqual(['source', 'transform', 'sink']);
    expect(kinds(graph([node('in', 'test.file'), node('n', 'test.count')], [edge('in', 'n')]))).toEqual(['source', 'sink']);
    expect(problems(graph([node('alone', 'test.file', {}, { type: 'sink' })]))).toEqual(['nodes[0] NO_INPUT']);
    expect(kinds(graph([node('alone', 'test.file')]))).toEqual(['source']);
  });
});

describe('concurrency', () => {
  it('is a number of executions, with refusal of what is more', () => {
    expect(compile({ ...graph([step('a')]), concurrency: { max: 2, onLimit: 'reject' } }).plan?.maxConcurrent).toBe(2);
    expect(problems({ ...graph([step('a')]), concurrency: { max: 2 } })).toEqual(['concurrency.onLimit NOT_AVAILABLE']);
    expect(problems({ ...graph([step('a')]), concurrency: { max: 0, onLimit: 'x' } })).toEqual([
      'concurrency.onLimit VALUE',
      'concurrency.max RANGE',
    ]);
    expect(problems({ ...graph([step('a')]), concurrency: 4 })).toEqual(['concurrency TYPE']);
  });
});

describe('sharding', () => {
  it('is by workflow, said or not', () => {
    for (const sharding of [undefined, null, {}, { strategy: 'workflow' }, { strategy: 'workflow', note: 'kept' }])
      expect(problems({ ...graph([step('a')]), ...(sharding === undefined ? {} : { sharding }) })).toEqual([]);
    expect(compile({ ...graph([step('a')]), sharding: { strategy: 'workflow', note: 'kept' } }).definition).toMatchObject({
      sharding: { strategy: 'workflow', note: 'kept' },
    });
  });

  it('is by execution, without a bound on how many run at a time', () => {
    const raw = { ...graph([step('a')]), sharding: { strategy: 'execution' } };
    expect(problems(raw)).toEqual([]);
    expect(problems({ ...raw, concurrency: { max: 2, onLimit: 'reject' } })).toEqual(['concurrency NOT_AVAILABLE']);
  });

  it('refuses by name what this version would have to ignore', () => {
    const raw = { ...graph([step('a')]), sharding: { strategy: 'custom' } };
    expect(problems(raw)).toEqual(['sharding.strategy NOT_AVAILABLE']);
    expect(messages(raw)).toContain('"custom" is not available in this version');
    expect(problems({ ...graph([step('a')]), sharding: { strategy: 'workflwo' } })).toEqual(['sharding.strategy VALUE']);
    expect(problems({ ...graph([step('a')]), sharding: { strategy: 7 } })).toEqual(['sharding.strategy VALUE']);
    expect(problems({ ...graph([step('a')]), sharding: 'execution' })).toEqual(['sharding TYPE']);
  });
});

describe('policies', () => {
  it('are read with their defaults', () => {
    const { plan } = compile(graph([step('a', { retry: { maxAttempts: '3', maxInterval: '5m', nonRetryable: ['X'] }, timeout: 90 })]));
    expect(plan?.units.get('a')).toMatchObject({
      retry: { maxAttempts: 3, initialIntervalMs: 1_000, multiplier: 2, maxIntervalMs: 300_000, jitter: 0.1, nonRetryable: ['X'] },
      timeoutMs: 90_000,
      onError: 'fail',
    });
    expect(compile(graph([step('a')])).plan?.units.get('a')?.retry.maxAttempts).toBe(1);
  });

  it('are problems where they make no sense', () => {
    const policies = {
      retry: { maxAttempts: 0, jitter: 2, initialInterval: 'soon' },
      timeout: '1 week',
      onError: 'ignore',
      onRecordError: 'deadLetter',
    };
    expect(problems(graph([step('a', policies)]))).toEqual([
      'nodes[0].retry.maxAttempts RANGE',
      'nodes[0].retry.initialInterval DURATION',
      'nodes[0].retry.jitter RANGE',
      'nodes[0].timeout DURATION',
      'nodes[0].onError VALUE',
      'nodes[0].onRecordError NOT_AVAILABLE',
    ]);
    expect(problems(graph([step('a', { timeout: 0 })]))).toEqual(['nodes[0].timeout RANGE']);
    expect(problems(graph([step('a', { retry: 3, onError: { goto: 'x' } }), step('b', { compensate: 'nobody' })]))).toEqual([
      'nodes[0].retry TYPE',
      'nodes[1].compensate NOT_AVAILABLE',
      'nodes[0].onError.goto UNKNOWN_NODE',
      'nodes[1].compensate UNKNOWN_NODE',
    ]);
  });

  it('make nodes that only a goto names no start nodes', () => {
    const { plan } = compile(graph([step('h'), step('a', { onError: { goto: 'h' } })]));
    expect(plan?.startUnits).toEqual(['a']);
    expect(plan?.gotoSources.get('h')).toEqual(['a']);
  });
});

describe('control nodes', () => {
  it('have their configs checked', () => {
    const bad = [
      node('a', 'flow.set', { values: 3 }),
      node('b', 'flow.delay', {}),
      node('c', 'flow.delay', { duration: 'x' }),
      node('d', 'flow.signal', { timeout: 'x' }),
      node('e', 'flow.switch', { cases: [{ handle: '' }, 4], default: 5 }),
      node('f', 'flow.merge', { mode: 'some' }),
      node('g', 'flow.merge', { mode: 'count', count: 2 }),
      node('h', 'flow.fail', { code: 1 }),
      node('i', 'flow.delay', { duration: '1s' }, { timeout: '1s' }),
      node('j', 'flow.delay', { duration: '1s', until: 3 }),
      node('k', 'flow.delay', { until: true }),
    ];
    expect(problems(graph(bad))).toEqual([
      'nodes[0].config.values REQUIRED',
      'nodes[1].config.duration REQUIRED',
      'nodes[2].config.duration DURATION',
      'nodes[3].config.name REQUIRED',
      'nodes[3].config.timeout DURATION',
      'nodes[4].config.cases[0].handle REQUIRED',
      'nodes[4].config.cases[0].condition REQUIRED',
      'nodes[4].config.cases[1] TYPE',
      'nodes[4].config.default TYPE',
      'nodes[5].config.mode VALUE',
      'nodes[7].config.message REQUIRED',
      'nodes[7].config.code TYPE',
      'nodes[9].config.duration REQUIRED',
      'nodes[10].config.until TYPE',
      'nodes[6].config.count RANGE',
      'nodes[8].timeout VALUE',
    ]);
  });

  it('and edges have their expressions compiled', () => {
    const nodes = [
      node('a', 'flow.set', { values: { x: 'f(' } }),
      node('b', 'flow.switch', { cases: [{ handle: 'h', condition: 'g(' }] }),
      node('c', 'test.step', { condition: 'h(' }),
    ];
    expect(problems(graph(nodes, [edge('a', 'c', 'i(')]))).toEqual([
      'nodes[0].config.values.x EXPRESSION',
      'nodes[1].config.cases[0].condition EXPRESSION',
      'nodes[2].config.condition EXPRESSION',
      'edges[0].condition EXPRESSION',
    ]);
  });
});
