import { FairQueue } from '../runner/fair-queue.js';
import { TaskThread } from './task-thread.js';
import type { ThreadTask } from './thread-task.js';

/** A thread is replaced after so many tasks: whatever users' code leaves behind in it does not pile up. */
const maxRuns = 1_000;

/** At most `size` threads for tasks; what exceeds them waits, in turn by workflow. */
export class TaskThreads {
  private readonly waiting = new FairQueue<ThreadTask>();
  private readonly running = new Set<ThreadTask>();
  private readonly threads = new Set<TaskThread>();
  private readonly idle: TaskThread[] = [];
  private closed = false;

  constructor(
    private readonly url: URL,
    private readonly size: number,
    private readonly memoryMb: number,
    private readonly maxWaiting: number,
  ) {}

  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.running.size, waiting: this.waiting.size };
  }

  add(task: ThreadTask): void {
    if (task.isOver) return; // aborted before it got here
    if (this.closed) task.fail({ code: 'ENGINE_STOPPING', message: 'this engine takes no more tasks' });
    else if (this.waiting.size >= this.maxWaiting)
      task.fail({ code: 'RESOURCE_EXHAUSTED', message: `${this.waiting.size} tasks wait already` });
    else {
      this.waiting.add(task.workflowId, task);
      this.fill();
    }
  }

  /** A task has ended; its thread is given back when it can be used again. */
  left(task: ThreadTask, thread: TaskThread | undefined): void {
    this.waiting.remove(task.workflowId, task);
    this.running.delete(task);
    if (thread !== undefined && this.threads.has(thread)) this.giveBack(thread);
    this.fill();
  }

  /** Aborts everything and resolves when no thread is left. */
  async close(): Promise<void> {
    this.closed = true;
    for (let task = this.waiting.next(); task !== undefined; task = this.waiting.next()) task.abort();
    for (const task of this.running) task.abort();
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private fill(): void {
    while (!this.closed && this.waiting.size > 0 && this.running.size < this.size) {
      const task = this.waiting.next();
      if (task === undefined) return;
      this.running.add(task);
      task.startOn(this.idle.pop() ?? this.startThread());
    }
  }

  private startThread(): TaskThread {
    const thread = new TaskThread(this.url, this.memoryMb, () => this.forget(thread));
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
