import { describe, expect, it } from 'vitest';
import { PartitionBench } from '../testing/partition-bench.js';
import { shortTailFrom } from './short-tail.js';

describe('the tail that a take-over reads', () => {
  it('is a few records for each entity in it, within a floor and a quarter of what may be replayed', () => {
    expect(shortTailFrom(10_000, 3, 20_000)).toBe(10_000 - 256);
    expect(shortTailFrom(10_000, 100, 20_000)).toBe(10_000 - 800);
    expect(shortTailFrom(10_000, 5_000, 20_000)).toBe(10_000 - 5_000);
    expect(shortTailFrom(10_000, 3, 60)).toBe(10_000 - 15);
  });

  it('stays short while executions go on and on, without a snapshot for every event', async () => {
    const bench = new PartitionBench({ maxReplay: 20_000, snapshotEvery: 10_000 });
    const owner = await bench.owner();
    await bench.create('w', 'signal');
    for (let i = 0; i < 20; i += 1) await bench.ask('ExecuteWorkflow', 'w', { executionId: `e${i}` });
    let longest = 0;
    for (let round = 0; round < 60; round += 1) {
      for (let i = 0; i < 20; i += 1) bench.produce('SignalExecution', 'w', { executionId: `e${i}`, name: `n${round}`, payload: {} });
      await bench.clock.advance(200);
      longest = Math.max(longest, owner.status().uncovered);
    }
    const written = bench.broker.end(0);
    const saved = bench.observed.filter(({ kind }) => kind === 'snapshotsSaved').length;
    expect(written).toBeGreaterThan(1_000);
    expect(longest).toBeLessThan(256 + 2 * 40);
    expect(saved).toBeGreaterThan(0);
    expect(saved).toBeLessThan(written / 8);
  });
});
