import { describe, expect, test } from 'vitest';
import { causeOf, type Gone, guessedKind, type Surroundings } from './cause.js';

const gone = (reason: string, at: number, instance = 'engine-2'): Gone => ({ instance, reason, by: 'engine-3', at });
const around = (departures: readonly Gone[], members: readonly string[] | undefined = ['engine-1', 'engine-3']): Surroundings => ({
  self: 'engine-1',
  departures,
  members: members && new Set(members),
});

describe('why a partition came here', () => {
  test('a first owner follows nobody', () => {
    expect(causeOf(undefined, 100, around([]))).toEqual({ kind: 'migration', reason: 'first' });
  });

  test('an owner that was put out as dead is a failover, since it was heard of', () => {
    expect(causeOf('engine-2', 1_000, around([gone('gone', 800)]))).toEqual({ kind: 'failover', reason: 'gone', since: 800 });
  });

  test('an owner that left by itself is a migration', () => {
    expect(causeOf('engine-2', 1_000, around([gone('left', 800)]))).toMatchObject({ kind: 'migration', reason: 'left' });
  });

  test('an owner that is not in the group any more, and of whose going nobody spoke, died unseen', () => {
    expect(causeOf('engine-2', 1_000, around([]))).toEqual({ kind: 'failover', reason: 'session' });
  });

  test('an owner that is still there gave it away in a rebalance', () => {
    const surroundings = around([gone('gone', 900, 'engine-4')], ['engine-1', 'engine-2']);
    expect(causeOf('engine-2', 1_000, surroundings)).toEqual({ kind: 'migration', reason: 'rebalance' });
  });

  test('nobody is called dead by an engine that does not know all members', () => {
    const surroundings: Surroundings = { self: 'engine-1', departures: [], members: undefined };
    expect(causeOf('engine-2', 1_000, surroundings)).toMatchObject({ kind: 'migration' });
  });

  test('an old death has nothing to do with it', () => {
    const surroundings = around([gone('gone', 800)], ['engine-1', 'engine-2']);
    expect(causeOf('engine-2', 100_000, surroundings)).toMatchObject({ kind: 'migration', reason: 'rebalance' });
  });

  test('what comes back to the same instance has returned', () => {
    expect(causeOf('engine-1', 1_000, around([]))).toEqual({ kind: 'migration', reason: 'returned' });
  });
});

test('the start line takes a move for a failover where somebody has just died', () => {
  expect(guessedKind(1_000, [gone('silent', 900)])).toBe('failover');
  expect(guessedKind(1_000, [gone('left', 900)])).toBe('migration');
  expect(guessedKind(10_000, [gone('silent', 900)])).toBe('migration');
});
