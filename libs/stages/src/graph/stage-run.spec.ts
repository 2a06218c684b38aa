import { describe, expect, it } from 'vitest';
import { runGraph, runLine, type StageTrial } from '../testing/in-process.js';

const numbers = ['numbers', 'sequence.numbers', 'source', { end: 10 }] as const;

function outputOf(trial: StageTrial, nodeId: string): unknown {
  return trial.outcome?.status === 'completed' ? trial.outcome.nodes[nodeId]?.output : trial.outcome;
}

describe('a stage', () => {
  it('streams records from source to sink and counts them per node', async () => {
    const trial = await runLine([
      numbers,
      ['even', 'filter', 'transform', { condition: 'value % 2 == 0' }],
      ['double', 'map', 'transform', { expression: 'value * 2' }],
      ['log', 'console.log', 'sink'],
    ]);
    expect(trial.outcome).toMatchObject({
      status: 'completed',
      nodes: {
        numbers: { recordsIn: 0, recordsOut: 10 },
        even: { recordsIn: 10, recordsOut: 5 },
        double: { recordsIn: 5, recordsOut: 5 },
        log: { recordsIn: 5 },
      },
    });
    expect(trial.logs).toEqual(['log: 4', 'log: 8', 'log: 12', 'log: 16', 'log: 20']);
  });

  it('hands the records of its last transform over as that node’s output', async () => {
    const trial = await runLine([numbers, ['sum', 'aggregate.sum', 'transform', {}]], { leaving: ['sum'] });
    expect(outputOf(trial, 'sum')).toEqual([{ sum: 55 }]);
  });

  it('fans out to several branches and in again', async () => {
    const trial = await runGraph(
      [
        numbers,
        ['low', 'filter', 'transform', { condition: 'value <= 2' }],
        ['high', 'filter', 'transform', { condition: 'value > 9' }],
        ['count', 'aggregate.count', 'sink', {}],
      ],
      [
        { source: 'numbers', target: 'low' },
        { source: 'numbers', target: 'high' },
        { source: 'low', target: 'count' },
        { source: 'high', target: 'count' },
      ],
    );
    expect(outputOf(trial, 'count')).toEqual({ count: 3 });
  });

  it('takes what comes from outside the stage as its records', async () => {
    const trial = await runLine([['plus', 'map', 'transform', { expression: 'value + 1' }]], { input: [1, 2] });
    expect(outputOf(trial, 'plus')).toEqual([2, 3]);
  });

  it('fails with the node, the position and the message of a record that cannot be processed', async () => {
    const trial = await runLine([numbers, ['bad', 'map', 'transform', { expression: 'value > 3 ? [1][9] : value' }]]);
    expect(trial.outcome).toMatchObject({
      status: 'failed',
      failedNodeId: 'bad',
      error: { code: 'RECORD_FAILED', retryable: false, details: { position: 4, record: 4 } },
    });
  });

  it('skips and counts such records where the node says so', async () => {
    const trial = await runLine([numbers, ['some', 'map', 'transform', { expression: 'value > 3 ? [1][9] : value' }, 'skip']], {
      leaving: ['some'],
    });
    expect(outputOf(trial, 'some')).toEqual([1, 2, 3]);
    expect(trial.logs).toHaveLength(7);
    expect(trial.logs[0]).toMatch(/^some: record 4 skipped: /);
  });

  it('resumes from any checkpoint to the very result of an undisturbed run', async () => {
    const nodes = [
      ['numbers', 'sequence.numbers', 'source', { end: 1000, fields: { n: 'sequence', kind: 'random_int(1,5)' } }],
      ['wanted', 'filter', 'transform', { condition: 'n % 3 == 0' }],
      ['byKind', 'aggregate', 'transform', { field: 'n', groupBy: 'kind', functions: ['sum', 'count'] }],
    ] as const;
    const limits = { batchRecords: 7 };
    const whole = await runLine(nodes, { leaving: ['byKind'], limits });
    expect(whole.checkpoints.length).toBeGreaterThan(100);
    for (const checkpoint of whole.checkpoints.filter((_, place) => place % 20 === 0)) {
      const resumed = await runLine(nodes, { leaving: ['byKind'], limits, checkpoint, epoch: '9.b', attempt: 2 });
      expect(outputOf(resumed, 'byKind')).toEqual(outputOf(whole, 'byKind'));
      expect(resumed.outcome).toMatchObject({ nodes: { wanted: { recordsIn: 1000, recordsOut: 333 } } });
    }
  });

  it('stops without an outcome when a checkpoint is answered with lost', async () => {
    const trial = await runLine([numbers, ['log', 'console.log', 'sink', {}]], {
      limits: { batchRecords: 1 },
      answers: ['confirmed', 'lost'],
    });
    expect(trial.outcome).toBeUndefined();
    expect(trial.checkpoints).toHaveLength(2);
  });

  it('leaves checkpoints out, and says so once, when the state is too large', async () => {
    const trial = await runLine([numbers, ['once', 'distinct', 'transform', {}]], { limits: { batchRecords: 1, maxStateBytes: 10 } });
    expect(trial.checkpoints).toEqual([]);
    expect(trial.logs.filter((line) => line.includes('cannot be checkpointed'))).toHaveLength(1);
    expect(trial.outcome).toMatchObject({ status: 'completed' });
  });

  it('fails when more leaves the stage than an output holds', async () => {
    const trial = await runLine([numbers], { leaving: ['numbers'], limits: { maxOutputBytes: 10 } });
    expect(trial.outcome).toMatchObject({ status: 'failed', error: { code: 'OUTPUT_TOO_LARGE' } });
  });

  it('starts over when the checkpoint was written by another version', async () => {
    const trial = await runLine([numbers, ['sum', 'aggregate.sum', 'transform', {}]], { leaving: ['sum'], checkpoint: { version: 99 } });
    expect(outputOf(trial, 'sum')).toEqual([{ sum: 55 }]);
    expect(trial.logs[0]).toContain('starts over');
  });
});
