import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failoverFigures, openOn, readSteps, type StepEvent } from './step-log.js';

const event = (at: number, instance: string, executionId: string, step: number, kind: string): StepEvent => ({
  at,
  instance,
  executionId,
  step,
  kind,
});

test('a kill is measured from the executions that were open on the killed engine to their first step elsewhere', () => {
  const events = [
    event(10, 'one', 'a', 0, 's'),
    event(11, 'one', 'b', 0, 's'),
    event(12, 'two', 'c', 0, 's'),
    event(13, 'one', 'done', 1, 'd'),
    event(60, 'two', 'c', 0, 'd'),
    event(70, 'two', 'a', 0, 's'),
    event(95, 'two', 'b', 0, 's'),
    event(99, 'two', 'a', 0, 'd'),
  ];
  expect(failoverFigures(events, 'one', 50, 1)).toEqual({
    openOnKilled: 2,
    wentOn: 2,
    firstProgressMs: 20,
    progressP50Ms: 20,
    longestGapMs: 45,
    stepsStartedTwice: 2,
    stepsDoneTwice: 0,
  });
});

test('a step done twice is counted once, and an execution that never went on is missing from `wentOn`', () => {
  const events = [event(1, 'one', 'a', 0, 'd'), event(2, 'one', 'b', 0, 's'), event(9, 'two', 'a', 0, 'd'), event(10, 'two', 'a', 0, 'd')];
  expect(failoverFigures(events, 'one', 5, 1)).toMatchObject({ openOnKilled: 2, wentOn: 1, stepsDoneTwice: 1 });
});

test('an execution is open where its latest event was, unless that ended its last step', () => {
  const events = [event(1, 'one', 'a', 0, 's'), event(2, 'two', 'a', 1, 's'), event(3, 'one', 'b', 1, 'd'), event(4, 'one', 'c', 0, 'd')];
  expect(openOn('one', events, 1)).toEqual(['c']);
});

test('a line that a kill cut off and executions of others are left out', () => {
  const directory = mkdtempSync(join(tmpdir(), 'step-log-'));
  try {
    const file = join(directory, 'steps.log');
    writeFileSync(file, '20 two a 1 s\n10 one a 0 d\n11 one other 0 s\n30 two a 1');
    expect(readSteps(file, new Map([['a', 'w']]))).toEqual([event(10, 'one', 'a', 0, 'd'), event(20, 'two', 'a', 1, 's')]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
