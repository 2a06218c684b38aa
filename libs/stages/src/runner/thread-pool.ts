import { StageThread } from './stage-thread-handle.js';

/** A thread is replaced after so many stages: whatever users' code leaves behind in it does not pile up. */
const maxRuns = 500;

/** Threads that wait for a stage. Starting one costs some hundred milliseconds, so they are kept. */
export class ThreadPool {
  private readonly idle: StageThread[] = [];

  constructor(
    private readonly url: URL,
    private readonly memoryMb: number,
    private readonly maxIdle: number,
  ) {}

  /** An idle thread, or a new one. */
  take(): StageThread {
    return this.idle.pop() ?? new StageThread(this.url, this.memoryMb);
  }

  /** Gives a thread back whose stage is through. */
  async giveBack(thread: StageThread): Promise<void> {
    thread.rest();
    if (thread.runs < maxRuns && this.idle.length < this.maxIdle) this.keep(thread);
    else await thread.end();
  }

  /** Starts a thread ahead of the first stage. */
  warmUp(): void {
    if (this.idle.length < this.maxIdle) this.keep(new StageThread(this.url, this.memoryMb));
  }

  /** Ends all idle threads. */
  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((thread) => thread.end()));
  }

  private keep(thread: StageThread): void {
    this.idle.push(thread);
    void thread.ended.then(() => {
      const place = this.idle.indexOf(thread);
      if (place >= 0) this.idle.splice(place, 1); // died while idle
    });
  }
}
