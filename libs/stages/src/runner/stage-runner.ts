import type { LeftUnit } from '#core';
import { createDataNodeResolver } from '#nodes';
import type { RunningWork, Work, WorkListener, WorkRunner } from '#runtime';
import { discardStage } from '../graph/discard-stage.js';
import { FairSlots } from './fair-slots.js';
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
}

/**
 * Runs stages in worker threads, `concurrency` at a time and a few more for workflows that run none; the others wait, fairly by
 * workflow. A stage that runs out of
 * memory fails with OUT_OF_MEMORY; an abort ends its thread, also out of an endless loop. The engine's loop never blocks.
 */
export class StageRunner implements WorkRunner {
  private readonly slots: FairSlots<StageJob>;
  private readonly threads: ThreadPool;
  private readonly jobOwner: StageJobOwner;
  private closed = false;

  constructor(
    private readonly settings: StageRunnerSettings,
    observer?: StageObserver,
  ) {
    this.slots = new FairSlots(settings.concurrency);
    this.jobOwner = {
      observer,
      left: (job, thread) => this.jobLeft(job, thread),
      discard: (work, epochs) => discardStage(stageSpecOf(work, settings), builtInNodes, epochs),
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
    else if (this.slots.waiting >= (this.settings.maxWaiting ?? defaultMaxWaiting)) {
      const message = `${this.slots.waiting} stages wait already; raise MILLRACE_STAGE_CONCURRENCY or add engines`;
      queueMicrotask(() => job.fail({ code: 'RESOURCE_EXHAUSTED', message }));
    } else {
      this.slots.add(work.workflowId, job);
      queueMicrotask(() => this.fillSlots());
    }
    return job;
  }

  /** Removes the part files of every owner's attempts at a stage. */
  discard({ executionId, nodes }: LeftUnit): Promise<void> {
    return discardStage({ executionId, nodes, epoch: '', filesRoot: this.settings.filesRoot }, builtInNodes, 'every');
  }

  load(): StageLoad {
    return { slots: this.settings.concurrency, running: this.slots.running.size, waiting: this.slots.waiting };
  }

  /** Stages of a workflow that wait for a slot. */
  waitingOf(workflowId: string): number {
    return this.slots.waitingOf(workflowId);
  }

  /** Aborts everything and resolves when no thread is left. */
  async close(): Promise<void> {
    this.closed = true;
    for (let job = this.slots.drop(); job !== undefined; job = this.slots.drop()) job.abort('lost');
    const ending = [...this.slots.running];
    for (const job of ending) job.abort('lost');
    await Promise.all(ending.map(({ ended }) => ended));
    await this.threads.close();
  }

  private fillSlots(): void {
    for (let job = this.nextJob(); job !== undefined; job = this.nextJob()) this.run(job);
  }

  private nextJob(): StageJob | undefined {
    return this.closed ? undefined : this.slots.take();
  }

  private run(job: StageJob): void {
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
    this.slots.leave(job.work.workflowId, job);
    if (thread !== undefined) void this.threads.giveBack(thread);
    this.fillSlots();
  }
}
