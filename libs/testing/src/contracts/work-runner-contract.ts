import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Json, UnitOutcome } from '#core';
import type { Work, WorkListener, WorkRunner } from '#runtime';

export interface WorkRunnerSubject {
  readonly runner: WorkRunner;
  /** Attempts that go as their name says, each with its own execution id. `checkpointing` reports progress several times. */
  completing(): Work;
  failing(): Work;
  endless(): Work;
  checkpointing(): Work;
  close(): Promise<void>;
}

const patience = { timeout: 20_000, interval: 5 };

class Listener implements WorkListener {
  readonly outcomes: UnitOutcome[] = [];
  readonly checkpoints: Json[] = [];
  answer: 'confirmed' | 'lost' = 'confirmed';

  progressed(checkpoint: Json): Promise<'confirmed' | 'lost'> {
    this.checkpoints.push(checkpoint);
    return Promise.resolve(this.answer);
  }

  finished(outcome: UnitOutcome): void {
    this.outcomes.push(outcome);
  }

  log(): void {
    // Logs are best effort: nothing to assert.
  }
}

/** What every WorkRunner must do; run against each adapter and its in-memory twin. */
export function workRunnerContract(name: string, makeSubject: () => Promise<WorkRunnerSubject>): void {
  describe(`${name} as a WorkRunner`, () => {
    let subject: WorkRunnerSubject;
    let listener: Listener;
    beforeEach(async () => {
      subject = await makeSubject();
      listener = new Listener();
    });
    afterEach(() => subject.close());

    it('reports a completed attempt once, with a result for every node, and ends', async () => {
      const work = subject.completing();
      await subject.runner.start(work, listener).ended;
      await vi.waitFor(() => expect(listener.outcomes).toHaveLength(1), patience);
      const [outcome] = listener.outcomes;
      if (outcome?.status !== 'completed') throw new Error(`not completed: ${JSON.stringify(outcome)}`);
      expect(Object.keys(outcome.nodes).sort()).toEqual([...work.unit.nodeIds].sort());
    });

    it('reports a failed attempt once, with a code and a message', async () => {
      await subject.runner.start(subject.failing(), listener).ended;
      await vi.waitFor(() => expect(listener.outcomes).toHaveLength(1), patience);
      expect(listener.outcomes[0]).toMatchObject({ status: 'failed', error: { code: expect.any(String), message: expect.any(String) } });
    });

    it.each(['cancelled', 'timed_out', 'lost'] as const)('ends an aborted attempt (%s) without a report', async (reason) => {
      const running = subject.runner.start(subject.endless(), listener);
      running.abort(reason);
      running.abort(reason);
      await running.ended;
      expect(listener.outcomes).toEqual([]);
    });

    it('waits for a checkpoint to be confirmed, then goes on and completes', async () => {
      await subject.runner.start(subject.checkpointing(), listener).ended;
      await vi.waitFor(() => expect(listener.outcomes).toHaveLength(1), patience);
      expect(listener.checkpoints.length).toBeGreaterThan(1);
      expect(listener.outcomes[0]?.status).toBe('completed');
    });

    it('stops without a report when a checkpoint no longer counts', async () => {
      listener.answer = 'lost';
      await subject.runner.start(subject.checkpointing(), listener).ended;
      expect(listener.checkpoints).toHaveLength(1);
      expect(listener.outcomes).toEqual([]);
    });

    it('keeps attempts apart', async () => {
      const other = new Listener();
      const endless = subject.runner.start(subject.endless(), other);
      await subject.runner.start(subject.completing(), listener).ended;
      await vi.waitFor(() => expect(listener.outcomes).toHaveLength(1), patience);
      expect(other.outcomes).toEqual([]);
      endless.abort('lost');
      await endless.ended;
    });
  });
}
