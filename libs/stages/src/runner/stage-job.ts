import type { Json, NodeError } from '#core';
import type { DiscardedEpochs } from '#nodes';
import type { RunningWork, Work, WorkListener } from '#runtime';
import type { FromThread } from '../stage-spec.js';
import type { StageObserver } from './stage-settings.js';
import { isLastAttempt } from './stage-spec-of.js';
import type { StageThread, ThreadListener } from './stage-thread-handle.js';

/** What a job asks of the runner that it belongs to. */
export interface StageJobOwner {
  readonly observer: StageObserver | undefined;
  /** The job leaves, once; with its thread when that can be used again. */
  left(job: StageJob, thread: StageThread | undefined): void;
  /** Removes what an attempt that was aborted for good has prepared; never rejects. */
  discard(work: Work, epochs: DiscardedEpochs): Promise<void>;
}

/** One attempt of a stage, from its start in the queue until nothing of it runs any more. */
export class StageJob implements RunningWork, ThreadListener {
  readonly ended: Promise<void>;
  private markEnded: () => void = () => undefined;
  private discards: DiscardedEpochs | undefined;
  /** Somebody may go on from what was written. */
  private hasCheckpoint: boolean;
  private state: 'waiting' | 'running' | 'aborted' | 'ended' = 'waiting';
  private thread: StageThread | undefined;

  constructor(
    readonly work: Work,
    private readonly listener: WorkListener,
    private readonly owner: StageJobOwner,
  ) {
    this.hasCheckpoint = work.checkpoint !== undefined;
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
  }

  runsOn(thread: StageThread): void {
    this.state = 'running';
    this.thread = thread;
  }

  at(): string | undefined {
    return this.state === 'running' && this.thread ? this.work.nodes[this.thread.place - 1]?.id : undefined;
  }

  abort(reason: Parameters<RunningWork['abort']>[0]): void {
    const { state, thread } = this;
    if (state === 'aborted' || state === 'ended') return;
    this.state = 'aborted';
    this.discards = this.discardedWhenAborted(reason);
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
    if (aborted && this.discards) void this.owner.discard(this.work, this.discards).then(() => this.leave(undefined));
    else this.leave(undefined);
    if (!aborted && error !== undefined) this.listener.finished({ status: 'failed', error });
  }

  /** After `lost` another owner goes on, from a checkpoint if there may be one. */
  private discardedWhenAborted(reason: Parameters<RunningWork['abort']>[0]): DiscardedEpochs | undefined {
    if (reason === 'cancelled') return 'every';
    if (reason === 'timed_out') return isLastAttempt(this.work) ? 'own' : undefined;
    return this.hasCheckpoint ? undefined : 'own';
  }

  private progressed(checkpoint: Json): void {
    this.hasCheckpoint = true;
    this.listener.progressed(checkpoint).then(
      (answer) => this.answer(answer),
      () => this.answer('lost'), // nobody can say whether it is a fact: write and publish nothing more
    );
  }

  private answer(answer: 'confirmed' | 'lost'): void {
    if (this.state === 'running') this.thread?.answer(answer);
  }

  private measured({ recordsIn, recordsOut, batchDurationsMs }: Extract<FromThread, { type: 'measured' }>['measures']): void {
    this.owner.observer?.moved('in', recordsIn);
    this.owner.observer?.moved('out', recordsOut);
    for (const duration of batchDurationsMs) this.owner.observer?.batchTook(duration, this.work.partition);
  }

  private leave(thread: StageThread | undefined): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.owner.left(this, thread);
    this.markEnded();
  }
}
