import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LoopBlocked } from './loop-watch.js';
import { LoopWatch } from './loop-watch.js';
import { TaskRunner } from './task-runner.js';
import { taskWork } from './testing/task-work.js';

function spin(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

let watch: LoopWatch | undefined;
afterEach(() => watch?.close());

describe('the loop watch', () => {
  it('names a task that computes before its first await', async () => {
    const told: LoopBlocked[] = [];
    const node = {
      nodeType: 'demo.greedy',
      kind: 'task',
      runOn: 'loop',
      run: async () => spin(60),
    } as const;
    const runner = new TaskRunner({
      userNodes: [{ node, url: 'file:///greedy.mjs' }],
      concurrency: 1,
      memoryMb: 64,
      loop: { blockedAfterMs: 40, told: (blocked) => told.push(blocked) },
    });
    await new Promise<void>((resolve) => {
      const listener = { progressed: async () => 'lost' as const, finished: () => resolve(), log: () => undefined };
      runner.start(taskWork('demo.greedy', null, {}, 'w'), listener);
    });
    await runner.close();
    expect(told).toMatchObject([{ certain: true, nodeTypes: ['demo.greedy'], workflowId: 'w', ms: expect.any(Number) }]);
    expect(told[0]?.ms).toBeGreaterThanOrEqual(59);
  });

  it('names those under way when the loop stands still later, once', async () => {
    const told: LoopBlocked[] = [];
    watch = new LoopWatch(40, (blocked) => told.push(blocked));
    watch.begins('demo.later');
    watch.begins('demo.other');
    watch.ends('demo.other');
    spin(150);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told).toMatchObject([{ certain: false, nodeTypes: ['demo.later'] }]);
  });

  it('does not lay at the door of others what is explained already', async () => {
    const told: LoopBlocked[] = [];
    watch = new LoopWatch(40, (blocked) => told.push(blocked));
    watch.begins('demo.innocent');
    const call = { config: {}, input: null, executionId: 'e', workflowId: 'w', nodeId: 'n', attempt: 1, idempotencyKey: 'k' };
    spin(120);
    watch.ran('demo.greedy', call, 120);
    await new Promise((resolve) => setImmediate(resolve));
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(0));
    expect(told.map(({ nodeTypes }) => nodeTypes)).toEqual([['demo.greedy']]);
  });
});
