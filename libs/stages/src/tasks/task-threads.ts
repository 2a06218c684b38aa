import { FairSlots } from '../runner/fair-slots.js';
import { ComputingShares } from './computing-shares.js';
import { TaskThread } from './task-thread.js';
import type { ThreadTask } from './thread-task.js';

/** A thread is replaced after so many tasks: whatever users' code leaves behind in it does not pile up. */
const maxRuns = 1_000;
/** How often tasks that run are looked at while others wait for a processor. */
const lookEveryMs = 100;

export interface TaskThreadLimits {
  readonly threads: number;
  /** Tasks that compute at once. */
  readonly processors: number;
  /** Heap of one thread, MiB. */
  readonly memoryMb: number;
  /** Tasks that may wait. */
  readonly waiting: number;
}

/**
 * At most so many threads for tasks and a few more for workflows that run none; what exceeds them waits, fairly by workflow. Tasks that
 * compute, as those of their node did before, take turns on the processors, so that the loop always finds one.
 */
export class TaskThreads {
  private readonly slots: FairSlots<ThreadTask>;
  private readonly threads = new Set<TaskThread>();
  private readonly idle: TaskThread[] = [];
  private readonly shares = new ComputingShares();
  private look: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly url: URL,
    private readonly limits: TaskThreadLimits,
  ) {
    const computes = (task: ThreadTask) => this.shares.computes(task.node, task.busy);
    this.slots = new FairSlots(limits.threads, { size: limits.processors, computes });
  }

  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.slots.running.size, waiting: this.slots.waiting };
  }

  waitingOf(workflowId: string): number {
    return this.slots.waitingOf(workflowId);
  }

  add(task: ThreadTask): void {
    if (task.isOver) return; // aborted before it got here
    if (this.closed) task.fail({ code: 'ENGINE_STOPPING', message: 'this engine takes no more tasks' });
    else if (this.slots.waiting >= this.limits.waiting)
      task.fail({ code: 'RESOURCE_EXHAUSTED', message: `${this.slots.waiting} tasks wait already` });
    else {
      this.slots.add(task.workflowId, task);
      this.fill();
    }
  }

  /** A task has ended; its thread is given back when it can be used again. */
  left(task: ThreadTask, thread: TaskThread | undefined): void {
    const { busy } = task;
    const isTelling = busy !== undefined && thread !== undefined && thread.runs > 1; // the first one has its thread's start in it
    if (isTelling) this.shares.learn(task.node, busy);
    this.slots.leave(task.workflowId, task);
    if (thread?.isUsable) this.giveBack(thread);
    this.fill();
  }

  /** Aborts everything and resolves when no thread is left. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.look);
    for (let task = this.slots.drop(); task !== undefined; task = this.slots.drop()) task.abort();
    for (const task of this.slots.running) task.abort();
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private fill(): void {
    for (let task = this.nextTask(); task !== undefined; task = this.nextTask()) task.startOn(this.idle.pop() ?? this.startThread());
    if (this.slots.awaitsProcessor) this.lookAgain();
  }

  /** A task that runs may cease to compute long before it ends. */
  private lookAgain(): void {
    if (this.look !== undefined || this.closed) return;
    this.look = setTimeout(() => {
      this.look = undefined;
      this.fill();
    }, lookEveryMs);
    this.look.unref();
  }

  private nextTask(): ThreadTask | undefined {
    return this.closed ? undefined : this.slots.take();
  }

  private startThread(): TaskThread {
    const thread = new TaskThread(this.url, this.limits.memoryMb, () => this.forget(thread));
    this.threads.add(thread);
    return thread;
  }

  private giveBack(thread: TaskThread): void {
    if (thread.runs < maxRuns && !this.closed) this.idle.push(thread);
    else void thread.end();
  }

  private forget(thread: TaskThread): void {
    this.threads.delete(thread);
    const place = this.idle.indexOf(thread);
    if (place >= 0) this.idle.splice(place, 1); // died while idle
  }
}
