import type { Json, LeftUnit, UnitOutcome } from '#core';
import type { Clock, RunningWork, Work, WorkListener, WorkRunner } from '#runtime';
import { ScriptedWorkRunner, SeededRandom, type WorkScript } from '../memory/index.js';
import type { Checker } from './checker.js';
import { stepOf } from './stage-step.js';

/** Runs attempts as the seed says, differently in every process, and tells the checker what is done. */
export class WatchedWorkRunner implements WorkRunner {
  readonly #runner: ScriptedWorkRunner;
  readonly #checker: Checker;
  readonly #instance: string;
  readonly #clock: Clock;

  constructor(clock: Clock, checker: Checker, instance: string, seed: number) {
    this.#checker = checker;
    this.#instance = instance;
    this.#clock = clock;
    this.#runner = new ScriptedWorkRunner(clock, (work) => scriptOf(work, instance, seed));
  }

  discard({ workflowId, executionId, unitId }: LeftUnit): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(removalMs, () => {
        this.#checker.removed(`${workflowId}/${executionId}/${unitId}`);
        resolve();
      });
    });
  }

  start(work: Work, listener: WorkListener): RunningWork {
    const checker = this.#checker;
    const instance = this.#instance;
    checker.dispatched(work, instance);
    const running = this.#runner.start(work, {
      finished: (outcome) => listener.finished(outcome),
      log: (nodeId, text) => listener.log(nodeId, text),
      progressed: async (checkpoint) => {
        const answer = await listener.progressed(checkpoint);
        if (answer === 'confirmed') checker.confirmed(work, checkpoint);
        return answer;
      },
    });
    void running.ended.then(() => checker.stopped(work, instance));
    return running;
  }
}

const steps = 4;
/** A removal that a crash may cut off. */
const removalMs = 1200;

function scriptOf(work: Work, instance: string, seed: number): WorkScript {
  const random = new SeededRandom(hash(`${seed}/${instance}/${work.idempotencyKey}`));
  const runMs = random.chance(0.7) ? random.between(1, 60) : random.chance(0.8) ? random.between(100, 2000) : random.between(2000, 7000);
  const endMs = random.between(0, 300);
  if (random.chance(0.12)) return { runMs, endMs, outcome: failure(random) };
  const outcome: UnitOutcome = {
    status: 'completed',
    nodes: Object.fromEntries(work.unit.nodeIds.map((id) => [id, { output: `by ${instance}` }])),
  };
  if (work.unit.kind !== 'stage') return { runMs, endMs, outcome };
  const done = stepOf(work.checkpoint);
  const checkpoints: Json[] = [];
  for (let next = done + 1; next <= steps; next += 1) checkpoints.push({ step: next, by: instance });
  return { runMs, endMs, outcome, checkpoints, stepMs: random.between(5, 400) };
}

function failure(random: SeededRandom): UnitOutcome {
  return { status: 'failed', error: { code: 'BROKEN', message: 'as the seed says', retryable: random.chance(0.8) } };
}

/** FNV-1a over UTF-16 units, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}
