import type { Json, UnitOutcome } from '#core';
import type { Clock, RunningWork, Work, WorkListener, WorkRunner } from '#runtime';

/** How one attempt goes: so many checkpoints, each after `stepMs`, then the outcome after `runMs`; an abort ends it after `endMs`. */
export interface WorkScript {
  readonly runMs: number;
  readonly outcome: UnitOutcome;
  readonly checkpoints?: readonly Json[];
  readonly stepMs?: number;
  readonly endMs?: number;
}

/** Runs attempts in virtual time as a script says: asked once for every start. */
export class ScriptedWorkRunner implements WorkRunner {
  /** Every attempt ever started, in order. */
  readonly started: Work[] = [];
  readonly #clock: Clock;
  readonly #script: (work: Work) => WorkScript;

  constructor(clock: Clock, script: (work: Work) => WorkScript = succeedAtOnce) {
    this.#clock = clock;
    this.#script = script;
  }

  start(work: Work, listener: WorkListener): RunningWork {
    this.started.push(work);
    return new ScriptedWork(this.#clock, this.#script(work), listener);
  }
}

class ScriptedWork implements RunningWork {
  readonly ended: Promise<void>;
  readonly #clock: Clock;
  readonly #script: WorkScript;
  readonly #listener: WorkListener;
  #end: () => void = () => undefined;
  #aborted = false;

  constructor(clock: Clock, script: WorkScript, listener: WorkListener) {
    this.#clock = clock;
    this.#script = script;
    this.#listener = listener;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    void this.#run();
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#clock.after(this.#script.endMs ?? 0, this.#end);
  }

  async #run(): Promise<void> {
    const { checkpoints = [], stepMs = 0, runMs, outcome } = this.#script;
    for (const checkpoint of checkpoints) {
      await this.#wait(stepMs);
      if (this.#aborted) return;
      if ((await this.#listener.progressed(checkpoint)) === 'lost') return this.#end();
    }
    await this.#wait(runMs);
    if (this.#aborted) return;
    this.#listener.finished(outcome);
    this.#end();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

/** Every node of the unit completes, 10 ms later, with its own id as output. */
export function succeedAtOnce(work: Work): WorkScript {
  const nodes = Object.fromEntries(work.unit.nodeIds.map((id) => [id, { output: id }]));
  return { runMs: 10, outcome: { status: 'completed', nodes } };
}
