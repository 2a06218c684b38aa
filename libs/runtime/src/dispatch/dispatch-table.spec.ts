import { describe, expect, it } from 'vitest';
import type { DispatchUnit, UnitOutcome } from '#core';
import { ScriptedWorkRunner, SeededIds, SeededRandom, VirtualClock, type WorkScript } from '#testing/memory';
import { KnownRow } from '../checkpoint/known-row.js';
import type { PartitionContext } from '../control/context.js';
import { Standing } from '../control/standing.js';
import type { SignalInput } from '../mailbox/inputs.js';
import { allRules } from '../runtime-rules.js';
import { benchSettings } from '../testing/partition-bench.js';
import { DispatchTable } from './dispatch-table.js';

const done: UnitOutcome = { status: 'completed', nodes: {} };

function dispatch(attempt: number): DispatchUnit {
  const retry = { maxAttempts: 1, initialIntervalMs: 0, multiplier: 1, maxIntervalMs: 0, jitter: 0, nonRetryable: [] };
  const unit = { id: 'u', kind: 'task', nodeIds: ['u'], innerEdges: [], incoming: [], outgoing: [], retry, onError: 'fail' } as const;
  return { type: 'DispatchUnit', workflowId: 'w', executionId: 'e', attempt, unit, nodes: [], input: null, scope: {} };
}

function made(script: () => WorkScript) {
  const clock = new VirtualClock();
  const work = new ScriptedWorkRunner(clock, script);
  const random = new SeededIds(new SeededRandom(1), 'a');
  const context = {
    partition: 0,
    settings: benchSettings,
    rules: allRules,
    standing: new Standing(clock),
    row: new KnownRow(),
    clock,
    random,
    signal: new AbortController().signal,
    waiting: () => undefined,
    ports: { work, observer: {} },
  } as unknown as PartitionContext; // only what the table uses
  const reports: SignalInput[] = [];
  const table = new DispatchTable(context, (input) => reports.push(input));
  return { clock, work, table, reports };
}

describe('open dispatches (L6)', () => {
  it('report an outcome once, and stay open until it is confirmed', async () => {
    const { clock, table, reports } = made(() => ({ runMs: 5, outcome: done }));
    table.start(dispatch(1));
    await clock.advance(20);
    expect(reports).toMatchObject([{ entityKey: 'w/e', signal: { type: 'NodeOutcomeReported', unitId: 'u', attempt: 1 } }]);
    expect(table.isOpen('w/e', 'u', 1)).toBe(true);
    reports[0]?.settled?.(true);
    expect(table.has('w/e')).toBe(false);
  });

  it('ignore the outcome of an attempt that was closed', async () => {
    const { clock, table, reports } = made(() => ({ runMs: 5, outcome: done, endMs: 50 }));
    table.start(dispatch(1));
    table.close('w/e', 'u', 'cancelled');
    await clock.advance(100);
    expect(reports).toEqual([]);
  });

  it('start a unit again only after its old thread has ended', async () => {
    const { clock, table, work } = made(() => ({ runMs: 1_000, outcome: done, endMs: 200 }));
    table.start(dispatch(1));
    table.start(dispatch(2));
    await clock.advance(100);
    expect(work.started.map(({ attempt }) => attempt)).toEqual([1]);
    await clock.advance(150);
    expect(work.started.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('call a checkpoint confirmed only when it was, and lost once the attempt is closed', async () => {
    const { clock, table, reports, work } = made(() => ({ runMs: 5, outcome: done, checkpoints: [1, 2], stepMs: 1 }));
    table.start(dispatch(1));
    await clock.advance(10);
    expect(reports).toHaveLength(1);
    reports[0]?.settled?.(true);
    await clock.advance(10);
    expect(reports.map(({ signal }) => signal.type)).toEqual(['NodeProgressReported', 'NodeProgressReported']);
    table.close('w/e', 'u', 'lost');
    await clock.advance(100);
    expect(reports).toHaveLength(2);
    expect(work.started).toHaveLength(1);
  });

  it('are abandoned together, and nothing starts afterwards', async () => {
    const { clock, table, work } = made(() => ({ runMs: 1_000, outcome: done, endMs: 30 }));
    table.start(dispatch(1));
    let ended = false;
    void table.abandonAll().then(() => {
      ended = true;
    });
    await clock.advance(10);
    expect(ended).toBe(false);
    await clock.advance(30);
    expect(ended).toBe(true);
    table.start(dispatch(2));
    expect(work.started).toHaveLength(1);
  });
});
