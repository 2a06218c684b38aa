import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { NodeError } from '#core';
import type { FromThread, StageSpec, ThreadData, ToThread } from '../stage-spec.js';

/** Who is told what a thread says. */
export interface ThreadListener {
  said(message: FromThread): void;
  /** The thread is gone; with an error unless it was ended on purpose. */
  gone(error: NodeError | undefined): void;
}

/** Young generation of a thread's heap, MiB: stages make much garbage that dies at once. */
const youngGenerationMb = 32;

/** Time for a stage to let go; a child process that its thread did not see end would stay as a zombie. */
const abortGraceMs = 50;

/** One worker thread. It runs a stage at a time and stays warm between them. */
export class StageThread {
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;
  runs = 0;
  private readonly whereabouts = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private listener: ThreadListener | undefined;
  private trouble: NodeError | undefined;

  constructor(url: URL, memoryMb: number) {
    const workerData: ThreadData = { whereabouts: this.whereabouts.buffer };
    this.worker = new Worker(url, {
      workerData,
      name: 'stage',
      execArgv: [], // the compiled thread must not resolve imports by whatever conditions this process was started with
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: youngGenerationMb },
    });
    this.worker.unref(); // an idle thread keeps no process alive
    this.worker.on('message', (message: FromThread) => this.listener?.said(message));
    this.worker.on('error', (error: unknown) => {
      this.trouble = threadError(error, memoryMb);
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.listener?.gone(
          this.trouble ?? { code: 'STAGE_THREAD_ENDED', message: `the stage's thread ended by itself (exit code ${code})` },
        );
        resolve();
      });
    });
  }

  run(spec: StageSpec, listener: ThreadListener): void {
    this.runs += 1;
    Atomics.store(this.whereabouts, 0, 0);
    this.listener = listener;
    this.worker.ref();
    this.post({ type: 'run', spec });
  }

  /** In which of its stage's nodes it is, counted from 1; 0 = in none. */
  get place(): number {
    return Atomics.load(this.whereabouts, 0);
  }

  answer(answer: 'confirmed' | 'lost'): void {
    this.post({ type: 'progress', answer });
  }

  /** The stage is through: nobody listens any more. */
  rest(): void {
    this.listener = undefined;
    this.worker.unref();
  }

  /** Tells the stage to let go of what lies outside the thread (a database process), then ends the thread. */
  async abort(): Promise<void> {
    this.post({ type: 'abort' });
    await setTimeout(abortGraceMs);
    await this.end();
  }

  /** Ends the thread at once, also out of an endless loop. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private post(message: ToThread): void {
    this.worker.postMessage(message);
  }
}

function threadError(error: unknown, memoryMb: number): NodeError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { code: 'OUT_OF_MEMORY', message: `the stage needed more than ${memoryMb} MiB (MILLRACE_STAGE_MEMORY_MB)` };
  }
  return { code: 'STAGE_THREAD_FAILED', message: error instanceof Error ? error.message : String(error) };
}
