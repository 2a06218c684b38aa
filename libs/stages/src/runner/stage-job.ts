import type { Json, NodeError } from '#core';
import type { RunningWork, Work, WorkListener } from '#runtime';
import type { FromThread } from '../stage-spec.js';
import type { StageObserver } from './stage-settings.js';
import type { StageThread, ThreadListener } from './stage-thread-handle.js';

/** One attempt of a stage, from its start in the queue until nothing of it runs any more. */
export class StageJob implements RunningWork, ThreadListener {
  readonly ended: Promise<void>;
  private markEnded: () => void = () => undefined;
  private state: 'waiting' | 'running' | 'aborted' | 'ended' = 'waiting';
  private thread: StageThread | undefined;

  constructor(
    readonly work: Work,
    private readonly listener: WorkListener,
    private readonly observer: StageObserver | undefined,
    /** Called once, when the job leaves; with its thread when that can be used again. */
    private readonly left: (job: StageJob, thread: StageThread | undefined) => void,
  ) {
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
  }

  runsOn(thread: StageThread): void {
    this.state = 'running';
    this.thread = thread;
  }

  abort(): void {
    const { state, thread } = this;
    if (state === 'aborted' || state === 'ended') return;
    this.state = 'aborted';
    if (thread === undefined) this.leave(undefined);
    else void thread.abort(); // gone() follows when it has ended
  }

  /** Ends a job that never got a thread. */
  fail(error: NodeError): void {
    if (this.state === 'aborted' || this.state === 'ended') return;
    this.leave(undefined);
    this.listener.finished({ status: 'failed', error });
  }

  said(message: FromThread): void {
    if (this.state !== 'running') return;
    switch (message.type) {
      case 'log':
        this.listener.log(message.nodeId, message.text);
        break;
      case 'measured':
        this.measured(message.measures);
        break;
      case 'progressed':
        this.progressed(message.checkpoint);
        break;
      case 'ended':
        this.leave(this.thread);
        if (message.outcome !== undefined) this.listener.finished(message.outcome);
    }
  }

  gone(error: NodeError | undefined): void {
    const aborted = this.state === 'aborted';
    this.leave(undefined);
    if (!aborted && error !== undefined) this.listener.finished({ status: 'failed', error });
  }

  private progressed(checkpoint: Json): void {
    this.listener.progressed(checkpoint).then(
      (answer) => this.answer(answer),
      () => this.answer('lost'), // nobody can say whether it is a fact: write and publish nothing more
    );
  }

  private answer(answer: 'confirmed' | 'lost'): void {
    if (this.state === 'running') this.thread?.answer(answer);
  }

  private measured({ recordsIn, recordsOut, batchDurationsMs }: Extract<FromThread, { type: 'measured' }>['measures']): void {
    this.observer?.moved('in', recordsIn);
    this.observer?.moved('out', recordsOut);
    for (const duration of batchDurationsMs) this.observer?.batchTook(duration);
  }

  private leave(thread: StageThread | undefined): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.left(this, thread);
    this.markEnded();
  }
}
