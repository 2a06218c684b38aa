import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { NodeError, UnitOutcome } from '#core';
import type { Busy } from './computing-shares.js';
import type { FromTaskThread, ToTaskThread } from './task-protocol.js';
import { thrownError } from './thrown-error.js';

/** Who is told what a task's thread says. */
export interface TaskThreadListener {
  log(text: string): void;
  /** The thread is idle again. */
  over(outcome: UnitOutcome): void;
  /** The thread has ended, whether asked to or not. */
  gone(error: NodeError): void;
}

/** One worker thread for users' tasks, one at a time; it stays warm between them. */
export class TaskThread {
  runs = 0;
  private readonly worker: Worker;
  private listener: TaskThreadListener | undefined;
  private trouble: NodeError | undefined;
  private alive = true;
  private ending = false;
  private begunAt = 0;
  private begunWith: EventLoopUtilization | undefined;

  constructor(
    url: URL,
    private readonly memoryMb: number,
    /** Called once, when the thread has ended. */
    private readonly exited: (thread: TaskThread) => void,
  ) {
    this.worker = new Worker(url, { name: 'task', resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    this.worker.unref(); // an idle thread keeps no process alive
    this.worker.on('message', (message: FromTaskThread) => this.said(message));
    this.worker.on('error', (error) => {
      this.trouble = this.troubleOf(error);
    });
    this.worker.once('exit', (code) => this.hasExited(code));
  }

  run(message: Extract<ToTaskThread, { type: 'run' }>, listener: TaskThreadListener): void {
    this.runs += 1;
    this.listener = listener;
    this.begunAt = performance.now();
    this.begunWith = this.worker.performance.eventLoopUtilization();
    this.worker.ref();
    this.post(message);
  }

  /** False once it was told to end: what it says after that is no sign of health. */
  get isUsable(): boolean {
    return this.alive && !this.ending;
  }

  /** Of the task that runs or was the last one here; undefined where nothing is known. */
  get busy(): Busy | undefined {
    if (!this.alive || this.begunWith === undefined) return undefined;
    const { idle, active, utilization } = this.worker.performance.eventLoopUtilization(this.begunWith);
    return idle + active > 0 ? { share: utilization, ms: performance.now() - this.begunAt } : undefined; // none while the thread starts
  }

  /** Aborts the signal that the task was given. */
  abort(): void {
    if (this.alive) this.post({ type: 'abort' });
  }

  /** Ends the thread at once, also out of an endless loop. */
  async end(): Promise<void> {
    this.ending = true;
    await this.worker.terminate();
  }

  private post(message: ToTaskThread): void {
    this.worker.postMessage(message);
  }

  private said(message: FromTaskThread): void {
    const { listener } = this;
    if (message.type === 'log') {
      listener?.log(message.text);
      return;
    }
    this.listener = undefined;
    this.worker.unref();
    listener?.over(message.outcome);
  }

  private hasExited(code: number): void {
    this.alive = false;
    this.exited(this);
    this.listener?.gone(this.trouble ?? { code: 'TASK_THREAD_ENDED', message: `the task's thread ended by itself (exit code ${code})` });
    this.listener = undefined;
  }

  private troubleOf(error: unknown): NodeError {
    const thrown = thrownError(error);
    if (thrown.code !== 'ERR_WORKER_OUT_OF_MEMORY') return thrown;
    return { code: 'OUT_OF_MEMORY', message: `the task needed more than ${this.memoryMb} MiB (MILLRACE_STAGE_MEMORY_MB)` };
  }
}
