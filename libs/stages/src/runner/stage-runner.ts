import { createDataNodeResolver } from '#nodes';
import type { RunningWork, Work, WorkListener, WorkRunner } from '#runtime';
import { discardStage } from '../graph/discard-stage.js';
import { FairQueue } from './fair-queue.js';
import { StageJob, type StageJobOwner } from './stage-job.js';
import { defaultMaxWaiting, type StageObserver, type StageRunnerSettings } from './stage-settings.js';
import { stageSpecOf } from './stage-spec-of.js';
import type { StageThread } from './stage-thread-handle.js';
import { ThreadPool } from './thread-pool.js';

/** Users' sinks prepare nothing that would have to be removed. */
const builtInNodes = createDataNodeResolver([]);

/** How busy the stage slots of an engine are. */
export interface StageLoad {
  readonly slots: number;
  readonly running: number;
  readonly waiting: number;
  readonly waitingByWorkflow: ReadonlyMap<string, number>;
}

/**
 * Runs stages in worker threads, `concurrency` at a time; the others wait, in turn by workflow. A stage that runs out of
 * memory fails with OUT_OF_MEMORY; an abort ends its thread, also out of an endless loop. The engine's loop never blocks.
 */
export class StageRunner implements WorkRunner {
  private readonly waiting = new FairQueue<StageJob>();
  private readonly running = new Set<StageJob>();
  private readonly threads: ThreadPool;
  private readonly jobOwner: StageJobOwner;
  private closed = false;

  constructor(
    private readonly settings: StageRunnerSettings,
    observer?: StageObserver,
  ) {
    this.jobOwner = {
      observer,
      left: (job, thread) => this.jobLeft(job, thread),
      discard: (work) => discardStage(stageSpecOf(work, settings), builtInNodes),
    };
    const url = settings.threadUrl ?? new URL('../thread/stage-thread.js', import.meta.url);
    this.threads = new ThreadPool(url, settings.memoryMb, settings.concurrency);
  }

  /** Starts a thread ahead, so that the first stage need not wait for it. */
  warmUp(): void {
    this.threads.warmUp();
  }

  start(work: Work, listener: WorkListener): RunningWork {
    const job = new StageJob(work, listener, this.jobOwner);
    if (this.closed) queueMicrotask(() => job.fail({ code: 'ENGINE_STOPPING', message: 'this engine takes no more stages' }));
    else if (this.waiting.size >= (this.settings.maxWaiting ?? defaultMaxWaiting)) {
      const message = `${this.waiting.size} stages wait already; raise MILLRACE_STAGE_CONCURRENCY or add engines`;
      queueMicrotask(() => job.fail({ code: 'RESOURCE_EXHAUSTED', message }));
    } else {
      this.waiting.add(work.workflowId, job);
      queueMicrotask(() => this.fillSlots());
    }
    return job;
  }

  load(): StageLoad {
    const { size } = this.waiting;
    return { slots: this.settings.concurrency, running: this.running.size, waiting: size, waitingByWorkflow: this.waiting.sizes() };
  }

  /** Aborts everything and resolves when no thread is left. */
  async close(): Promise<void> {
    this.closed = true;
    for (let job = this.waiting.next(); job !== undefined; job = this.waiting.next()) job.abort('lost');
    const ending = [...this.running];
    for (const job of ending) job.abort('lost');
    await Promise.all(ending.map(({ ended }) => ended));
    await this.threads.close();
  }

  private fillSlots(): void {
    while (!this.closed && this.running.size < this.settings.concurrency) {
      const job = this.waiting.next();
      if (job === undefined) return;
      this.run(job);
    }
  }

  private run(job: StageJob): void {
    this.running.add(job);
    const thread = this.threads.take();
    job.runsOn(thread);
    try {
      thread.run(stageSpecOf(job.work, this.settings), job);
    } catch (cause) {
      // Only something that cannot be cloned gets here: a definition that is no JSON.
      job.fail({ code: 'STAGE_INVALID', message: cause instanceof Error ? cause.message : String(cause) });
      void thread.end();
    }
  }

  private jobLeft(job: StageJob, thread: StageThread | undefined): void {
    this.waiting.remove(job.work.workflowId, job);
    this.running.delete(job);
    if (thread !== undefined) void this.threads.giveBack(thread);
    this.fillSlots();
  }
}
