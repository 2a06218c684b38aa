import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '#core';
import { runLine, type StageTrial, type TrialNode, type TrialOptions } from '../testing/in-process.js';

const rows = 50_000;
const csv = `n,name\n${Array.from({ length: rows }, (_, n) => `${n},"row ""${n}"""`).join('\n')}\n`;
const expected = `n,name\n${Array.from({ length: rows / 2 }, (_, n) => `${2 * n},"row ""${2 * n}"""`).join('\n')}\n`;

const nodes: readonly TrialNode[] = [
  ['in', 'file.csv', 'source', { path: 'in.csv' }],
  ['even', 'filter', 'transform', { condition: 'n % 2 == 0' }],
  ['out', 'file.csv', 'sink', { path: 'results/out.csv' }],
];

let filesRoot = '';
const out = (): string => join(filesRoot, 'results', 'out.csv');
const parts = (): string[] => readdirSync(join(filesRoot, 'results')).filter((name) => name.endsWith('.part'));

beforeEach(() => {
  filesRoot = realpathSync(mkdtempSync(join(tmpdir(), 'file-sinks-')));
  writeFileSync(join(filesRoot, 'in.csv'), csv);
});

function run(options: TrialOptions = {}): Promise<StageTrial> {
  return runLine(nodes, { filesRoot, ...options });
}

/** A run whose owner was replaced right after its n-th checkpoint: the checkpoint is a fact, the owner does not know it. */
async function cutAfter(place: number, options: TrialOptions = {}): Promise<Json> {
  const answers = [...Array.from({ length: place }, () => 'confirmed' as const), 'lost' as const];
  const trial = await run({ answers, ...options });
  expect(trial.outcome).toBeUndefined();
  return trial.checkpoints[place] ?? null;
}

describe('a file sink', () => {
  it('shows the whole result under its name, and leaves no part behind', async () => {
    const trial = await run();
    expect(trial.outcome).toMatchObject({
      status: 'completed',
      nodes: { out: { output: { path: 'results/out.csv', records: rows / 2 } } },
    });
    expect(readFileSync(out(), 'utf8')).toBe(expected);
    expect(parts()).toEqual([]);
  });

  it('shows nothing before the completion is confirmed', async () => {
    const seen: boolean[] = [];
    await run({ onCheckpoint: () => seen.push(existsSync(out())) });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).not.toContain(true);
  });

  it.each([0, 2, 5])('is right after a take-over at checkpoint %i', async (place) => {
    const checkpoint = await cutAfter(place);
    expect(existsSync(out())).toBe(false);
    await run({ checkpoint, epoch: '9.b', attempt: 2 });
    expect(readFileSync(out(), 'utf8')).toBe(expected);
    expect(parts()).toEqual([]);
  });

  it('is right when a take-over is taken over, and when the same owner goes on', async () => {
    const first = await cutAfter(2);
    const second = await cutAfter(1, { checkpoint: first, epoch: '9.b' });
    const third = await cutAfter(1, { checkpoint: second, epoch: '9.b' });
    await run({ checkpoint: third, epoch: '9.b' });
    expect(readFileSync(out(), 'utf8')).toBe(expected);
  });

  it('does not let a zombie change the result: it writes to its own part only', async () => {
    const checkpoint = await cutAfter(1);
    const [zombiePart = ''] = parts();
    await run({
      checkpoint,
      epoch: '9.b',
      onCheckpoint: () =>
        existsSync(join(filesRoot, 'results', zombiePart)) && writeFileSync(join(filesRoot, 'results', zombiePart), 'zombie'),
    });
    expect(readFileSync(out(), 'utf8')).toBe(expected);
  });

  it('publishes nothing when its completion is answered with lost', async () => {
    const { checkpoints } = await run();
    rmSync(out());
    await cutAfter(checkpoints.length - 1);
    expect(existsSync(out())).toBe(false);
  });

  it('only publishes when the completion of an earlier attempt is confirmed, once or twice', async () => {
    const { checkpoints } = await run();
    rmSync(out());
    const done = await cutAfter(checkpoints.length - 1);
    expect(done).toMatchObject({ done: true });
    const publishing = { checkpoint: done, epoch: '9.b' };
    const first = await run(publishing);
    const second = await run({ ...publishing, epoch: '11.c' });
    expect(first.outcome).toMatchObject({ status: 'completed', nodes: { in: { recordsOut: rows }, out: { recordsIn: rows / 2 } } });
    expect(second).toEqual({ ...first, checkpoints: [] });
    expect(readFileSync(out(), 'utf8')).toBe(expected);
  });

  it.each([
    ['missing', (part: string) => rmSync(part)],
    ['shorter than the checkpoint says', (part: string) => truncateSync(part, 10)],
  ])('starts over when the part is %s', async (_, damage) => {
    const checkpoint = await cutAfter(3);
    for (const part of parts()) damage(join(filesRoot, 'results', part));
    const trial = await run({ checkpoint, epoch: '9.b' });
    expect(trial.logs[0]).toContain('starts over');
    expect(readFileSync(out(), 'utf8')).toBe(expected);
  });

  it('starts over when the input has changed since the checkpoint', async () => {
    const checkpoint = await cutAfter(3);
    writeFileSync(join(filesRoot, 'in.csv'), 'n,name\n4,x\n');
    await run({ checkpoint, epoch: '9.b' });
    expect(readFileSync(out(), 'utf8')).toBe('n,name\n4,x\n');
  });

  it('replaces an older result only at the end', async () => {
    await run();
    writeFileSync(out(), 'older');
    const seen: string[] = [];
    await run({ epoch: '9.b', onCheckpoint: () => seen.push(readFileSync(out(), 'utf8')) });
    expect(new Set(seen)).toEqual(new Set(['older']));
    expect(readFileSync(out(), 'utf8')).toBe(expected);
  });

  it('refuses to leave the files root', async () => {
    const trial = await runLine(
      [
        ['n', 'sequence.numbers', 'source', {}],
        ['out', 'file.text', 'sink', { path: '../out.txt' }],
      ],
      { filesRoot },
    );
    expect(trial.outcome).toMatchObject({ status: 'failed', failedNodeId: 'out', error: { code: 'PATH_NOT_ALLOWED' } });
  });
});

describe('a text file that is appended to', () => {
  const append: readonly TrialNode[] = [
    ['n', 'sequence.numbers', 'source', { end: 3 }],
    ['out', 'file.text', 'sink', { path: 'log.txt', append: true }],
  ];
  const log = (): string => readFileSync(join(filesRoot, 'log.txt'), 'utf8');

  it('keeps what is there, and gets the new lines once however often it is published', async () => {
    await runLine(append, { filesRoot });
    const { checkpoints } = await runLine(append, { filesRoot, executionId: 'e2' });
    await runLine(append, { filesRoot, executionId: 'e2', checkpoint: checkpoints.at(-1) ?? null, epoch: '9.b' });
    expect(log()).toBe('1\n2\n3\n1\n2\n3\n');
  });

  it('fails rather than lose what another execution appended meanwhile', async () => {
    await runLine(append, { filesRoot });
    const trial = await runLine(append, {
      filesRoot,
      executionId: 'e2',
      onCheckpoint: (checkpoint) => {
        if (JSON.stringify(checkpoint).includes('"done"')) appendFileSync(join(filesRoot, 'log.txt'), 'other\n');
      },
    });
    expect(trial.outcome).toMatchObject({ status: 'failed', failedNodeId: 'out', error: { code: 'TARGET_CHANGED', retryable: false } });
    expect(log()).toBe('1\n2\n3\nother\n');
  });
});

describe('a stage that fails', () => {
  const failing: readonly TrialNode[] = [
    ['n', 'sequence.numbers', 'source', { end: 5 }],
    ['bad', 'map', 'transform', { expression: 'value < 5 ? value : [1][9]' }],
    ['out', 'file.text', 'sink', { path: 'results/out.txt' }],
  ];

  it('leaves no part behind when no attempt follows, and never touches that of another owner', async () => {
    mkdirSync(join(filesRoot, 'results'));
    const others = join(filesRoot, 'results', 'out.txt.e1.out.9%2eb.part');
    writeFileSync(others, 'other');
    const trial = await runLine(failing, { filesRoot, limits: { batchRecords: 1 } });
    expect(trial.outcome).toMatchObject({ status: 'failed', failedNodeId: 'bad' });
    expect(trial.checkpoints.length).toBeGreaterThan(1);
    expect(readdirSync(join(filesRoot, 'results'))).toEqual([basename(others)]);
  });

  it('keeps its part for the attempt that follows', async () => {
    const nodes: readonly TrialNode[] = [
      ['in', 'file.text', 'source', { path: 'missing.txt' }],
      ['out', 'file.text', 'sink', { path: 'results/out.txt' }],
    ];
    const trial = await runLine(nodes, { filesRoot });
    expect(trial.outcome).toMatchObject({ status: 'failed', failedNodeId: 'in', error: { code: 'FILE_NOT_FOUND' } });
    expect(parts()).toHaveLength(1);
    await runLine(nodes, { filesRoot, lastAttempt: true });
    expect(parts()).toEqual([]);
  });
});
