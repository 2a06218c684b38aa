import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlainRecord } from '../../cluster/log-reader.js';
import type { Entry } from '../callers/ledger.js';
import type { DrawnWorkflow } from '../program/drawn-workflow.js';
import { contentOf } from '../program/file-block.js';
import { checkCommands } from './check-commands.js';
import { checkEffects } from './check-effects.js';
import { checkEnds } from './check-ends.js';
import { checkFiles } from './check-files.js';
import { checkTold } from './check-reads.js';
import { type Effect, readEffects } from './effects.js';
import { History } from './history.js';
import { ToldLog } from './told-log.js';

const file = { path: 'w/r.csv', records: 4, every: 2 };
const drawn: DrawnWorkflow = { definition: { id: 'w', description: 'one step', nodes: [], edges: [] }, ends: 'completes', files: [file] };
const workflows = new Map([['w', [drawn]]]);
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-checker-'));
  mkdirSync(join(directory, 'w'));
  writeFileSync(join(directory, 'w', 'r.csv'), contentOf(file));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const started = (node: string, attempt: number) => ({ nodeId: node, nodeType: 'chaos.effect', attempt });

/** An execution whose first attempt died with its engine: what really happens, told as it should be. */
function soundLog(): ToldLog {
  return soundLogUntilEnd()
    .fact(['w', 'x'], 'WorkflowCompleted', {})
    .fact(['w'], 'ExecutionClosed', { executionId: 'x' })
    .decided([{ commandId: 'k-late', code: 'EXECUTION_FINISHED' }], 7);
}

const effect = (kind: Effect['kind'], attempt: number): Effect => ({
  kind,
  executionId: 'x',
  nodeId: 'a',
  attempt,
  instance: 'e',
  time: 0,
});
const soundEffects: readonly Effect[] = [effect('start', 1), effect('start', 2), effect('done', 2)];

function entry(
  operation: Entry['operation'],
  commandId: string,
  answers: readonly [number, string?, object?][],
  more: Partial<Entry> = {},
): Entry {
  const told = answers.map(([status, code = '', body = {}]) => ({ way: 'http' as const, at: 1, ms: 1, status, code, body: { ...body } }));
  const base = { mark: 'm1', operation, workflowId: 'w', executionId: 'x', commandId, sentAt: 0, mayBeRefusedWith: ['EXECUTION_FINISHED'] };
  return { ...base, answers: told, ...more };
}

const soundEntries: readonly Entry[] = [
  entry('create', 'k-create', [[0], [201]]),
  entry('execute', 'k-execute', [
    [408, 'TIMEOUT'],
    [200, '', { executionId: 'x' }],
  ]),
  entry('cancel', 'k-late', [[409, 'EXECUTION_FINISHED']]),
];

interface Run {
  readonly log: readonly PlainRecord[];
  readonly effects: readonly Effect[];
  readonly entries: readonly Entry[];
  readonly told: ReadonlyMap<string, string>;
}

const sound = (): Run => ({ log: soundLog().records, effects: soundEffects, entries: soundEntries, told: new Map([['x', 'completed']]) });

function verdict(run: Partial<Run>): string[] {
  const { log, effects, entries, told } = { ...sound(), ...run };
  const history = new History();
  for (const record of log) history.take(0, record);
  return [
    ...history.violations,
    ...checkTold(history, told),
    ...checkCommands(history, entries),
    ...checkEffects(history, effects),
    ...checkEnds(history, workflows),
    ...checkFiles(history, workflows, directory),
  ];
}

test('a sound run has no violations', () => {
  expect(verdict({})).toEqual([]);
});

test('records of an owner that was replaced, and misplaced ones, do not count', () => {
  const log = soundLog();
  const late = { ...log.records[4], headers: { ...log.records[4]?.headers, at: '12' }, offset: 12 } as PlainRecord;
  const misplaced = { ...log.records[8], offset: 13 } as PlainRecord;
  expect(verdict({ log: [...log.records, late, misplaced] })).toEqual([]);
});

test('an expired command is explained by a late answer, and by nothing else', () => {
  const history = new History();
  for (const record of soundLog().decided([{ commandId: 'k-x', code: 'EXPIRED' }], 8).records) history.take(0, record);
  const expired = (at: number): Entry[] => {
    const { answers, ...rest } = entry('execute', 'k-x', [[408, 'EXPIRED']]);
    return [{ ...rest, answers: answers.map((answer) => ({ ...answer, at })) }];
  };
  expect(checkCommands(history, expired(5_000))).toEqual([]);
  expect(checkCommands(history, expired(1)).join()).toMatch(/refused with EXPIRED/);
});

describe('the checker notices', () => {
  const mutants: readonly (readonly [string, RegExp, () => Partial<Run>])[] = [
    ['an effect that happened twice', /happened 2 times: done x a#2/, () => ({ effects: [...soundEffects, effect('done', 2)] })],
    ['an attempt that was run twice', /happened 2 times: start x a#2/, () => ({ effects: [...soundEffects, effect('start', 2)] })],
    ['an effect nobody recorded a start of', /without a start in the log/, () => ({ effects: [...soundEffects, effect('start', 3)] })],
    ['a completed node without its effect', /completed without its effect/, () => ({ effects: soundEffects.slice(0, 2) })],
    ['an acknowledged command that is lost', /the log does not know it/, () => ({ entries: [entry('execute', 'k-lost', [[200]])] })],
    [
      'an acknowledged execution that is lost',
      /there is no execution y/,
      () => ({ entries: [entry('execute', 'k-execute', [[200]], { executionId: 'y' })] }),
    ],
    ['a durable command that is never decided', /never decided/, () => ({ entries: [entry('execute', 'k-lost', [[202]])] })],
    [
      'an acknowledged signal that is lost',
      /its signal is in the log 0 times/,
      () => ({ entries: [entry('signal', 'k-execute', [[200]])] }),
    ],
    [
      'an acknowledged cancel that had no effect',
      /ended as WorkflowCompleted/,
      () => ({ entries: [entry('cancel', 'k-execute', [[200]])] }),
    ],
    [
      'a refused command that was applied',
      /refused, but it was applied/,
      () => ({ entries: [entry('cancel', 'k-execute', [[409, 'EXECUTION_FINISHED']])] }),
    ],
    [
      'a refusal that nothing explains',
      /refused with WORKFLOW_NOT_FOUND/,
      () => ({ entries: [entry('execute', 'k', [[404, 'WORKFLOW_NOT_FOUND']])] }),
    ],
    [
      'a refusal that is not on record',
      /told EXECUTION_FINISHED, on record is nothing/,
      () => ({ entries: [entry('cancel', 'k-none', [[409, 'EXECUTION_FINISHED']])] }),
    ],
    [
      'two answers that differ',
      /two answers name two executions/,
      () => ({
        entries: [
          entry('execute', 'k-execute', [
            [200, '', { executionId: 'x' }],
            [200, '', { executionId: 'y' }],
          ]),
        ],
      }),
    ],
    ['an owner that told another end', /called x failed/, () => ({ told: new Map([['x', 'failed']]) })],
    [
      'a command that is applied twice',
      /applied 2 times/,
      () => ({ log: soundLog().fact(['w'], 'WorkflowUpdated', {}, 'k-create').records }),
    ],
    [
      'a command that is applied and refused',
      /applied at 0:2 and refused/,
      () => ({ log: soundLog().decided([{ commandId: 'k-execute', code: 'C' }], 8).records }),
    ],
    ['a fact after the end', /goes on with SignalReceived/, () => ({ log: soundLog().fact(['w', 'x'], 'SignalReceived', {}).records })],
    ['a second outcome of an attempt', /completes twice/, () => ({ log: withFact('NodeExecutionCompleted', { nodeId: 'a', attempt: 2 }) })],
    [
      'an attempt after a completed one',
      /although attempt 2 is completed/,
      () => ({ log: withFact('NodeExecutionStarted', started('a', 3)) }),
    ],
    [
      'an outcome of an attempt that never started',
      /never started/,
      () => ({ log: withFact('NodeAttemptLost', { nodeId: 'b', attempt: 1 }) }),
    ],
    [
      'a hole in an execution',
      /goes from seq 3 to 5/,
      () => ({ log: soundLog().records.map((record) => (record.offset === 7 ? { ...record, value: null } : record)) }),
    ],
    ['an intake position that goes back', /commandOffset goes back from 7 to 3/, () => ({ log: soundLog().decided([], 3).records })],
    ['an end that its graph does not have', /ended as WorkflowFailed/, () => ({ log: endedAs('WorkflowFailed'), told: new Map() })],
  ];

  test.each(mutants)('%s', (_name, expected, mutate) => {
    expect(verdict(mutate()).join('\n')).toMatch(expected);
  });

  test.each([
    ['a torn file', /has 2 lines, not 4/, contentOf(file).slice(0, -6)],
    ['a file with a line twice', /has 5 lines, not 4/, `${contentOf(file)}4,16\n`],
    ['a file with a wrong line', /line 3 is 4,17, not 4,16/, contentOf(file).replace('4,16', '4,17')],
  ])('%s', (_name, expected, content) => {
    writeFileSync(join(directory, 'w', 'r.csv'), content);
    expect(verdict({}).join('\n')).toMatch(expected);
  });

  test('a missing file, and a part file that was left behind', () => {
    rmSync(join(directory, 'w', 'r.csv'));
    writeFileSync(join(directory, 'w', 'r.csv.x.b0.out.5.aa.part'), 'n,sq');
    expect(verdict({}).join('\n')).toMatch(/w\/r.csv is missing.*\n.*part file left behind/);
  });
});

test('effects are read from every engine’s file; a line that a kill has cut is left out', () => {
  writeFileSync(join(directory, 'w', 'engine-1.log'), 'start x a 1 5\ndone x a 1 6\nstart x b');
  rmSync(join(directory, 'w', 'r.csv'));
  expect(readEffects(join(directory, 'w'))).toEqual([
    { kind: 'start', executionId: 'x', nodeId: 'a', attempt: 1, instance: 'engine-1', time: 5 },
    { kind: 'done', executionId: 'x', nodeId: 'a', attempt: 1, instance: 'engine-1', time: 6 },
  ]);
});

/** The sound log with one more fact of the execution before its end. */
function withFact(type: string, data: Record<string, unknown>): readonly PlainRecord[] {
  return soundLogUntilEnd().fact(['w', 'x'], type, data).fact(['w', 'x'], 'WorkflowCompleted', {}).records;
}

function endedAs(type: string): readonly PlainRecord[] {
  return soundLogUntilEnd().fact(['w', 'x'], type, { reason: 'none' }).records;
}

function soundLogUntilEnd(): ToldLog {
  return new ToldLog()
    .fence('aa')
    .fact(['w'], 'WorkflowCreated', { definition: { author: 'm1' }, version: 1 }, 'k-create')
    .fact(['w'], 'ExecutionOpened', { executionId: 'x' }, 'k-execute')
    .fact(['w', 'x'], 'WorkflowStarted', { version: 1 })
    .fact(['w', 'x'], 'NodeExecutionStarted', started('a', 1))
    .fence('bb')
    .fact(['w', 'x'], 'NodeAttemptLost', { nodeId: 'a', attempt: 1 })
    .fact(['w', 'x'], 'NodeExecutionStarted', started('a', 2))
    .fact(['w', 'x'], 'NodeExecutionCompleted', { nodeId: 'a', attempt: 2 });
}
