import type { Json, JsonObject, UnitOutcome } from '#core';
import type { UserTask } from '#nodes';
import type { RunningWork, WorkListener } from '#runtime';
import type { LoopWatch } from './loop-watch.js';
import { callTask, type TaskCall, type TaskHands } from './task-call.js';
import { toJson } from './task-json.js';

/** How long an aborted task may take to notice its signal before its end is no longer waited for. */
const abortGraceMs = 1_000;

/** One attempt of a task on the engine's own loop: nothing but the call and a copy of what goes in and out. */
export class LoopTask implements RunningWork, TaskHands {
  readonly ended: Promise<void>;
  private controller: AbortController | undefined;
  private aborted = false;
  private grace: NodeJS.Timeout | undefined;
  private markEnded: () => void = () => undefined;

  constructor(
    private readonly task: UserTask,
    private readonly call: TaskCall,
    private readonly listener: WorkListener,
    private readonly watch?: LoopWatch,
  ) {
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
    queueMicrotask(() => void this.run()); // never reports before start() has returned
  }

  /** The task's code cannot be stopped, only told: what it returns after this is ignored, and `ended` waits a second at most. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.controller?.abort();
    this.grace = setTimeout(this.markEnded, abortGraceMs);
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.aborted) this.controller.abort();
    return this.controller.signal;
  }

  log(text: string): void {
    if (!this.aborted) this.listener.log(this.call.nodeId, text);
  }

  private async run(): Promise<void> {
    if (!this.aborted) await this.runToEnd();
    clearTimeout(this.grace);
    this.markEnded();
  }

  private async runToEnd(): Promise<void> {
    const call = { ...this.call, config: frozen(this.call.config), input: copyOf(this.call.input) };
    const outcome = await this.watched(call);
    if (!this.aborted) this.listener.finished(outcome);
  }

  /** What it does before its first `await` is all that can be measured of it. */
  private async watched(call: TaskCall): Promise<UnitOutcome> {
    const { nodeType } = this.task;
    this.watch?.begins(nodeType);
    const begun = performance.now();
    const running = callTask(this.task, call, this);
    this.watch?.ran(nodeType, call, performance.now() - begun);
    const outcome = await running;
    this.watch?.ends(nodeType);
    return outcome;
  }
}

/** The engine's state goes in by value: a task that changes its input must not change what the log says. */
function copyOf(input: Json): Json {
  return typeof input === 'object' && input !== null ? toJson(input) : input;
}

/** A config belongs to the plan and serves every execution: shared, and frozen once. */
function frozen(config: JsonObject): JsonObject {
  if (Object.isFrozen(config)) return config;
  for (const value of Object.values(config)) freezeDeep(value);
  return Object.freeze(config);
}

function freezeDeep(value: Json): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  for (const inner of Object.values(value)) freezeDeep(inner);
  Object.freeze(value);
}
