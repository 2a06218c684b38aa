import type { NodeError, UnitOutcome } from '#core';
import type { RunningWork, WorkListener } from '#runtime';
import type { Busy } from './computing-shares.js';
import type { TaskCall } from './task-call.js';
import type { ToTaskThread } from './task-protocol.js';
import type { TaskThread, TaskThreadListener } from './task-thread.js';

/** How long an aborted task may go on before its thread is ended. */
const abortGraceMs = 200;

/** One attempt of a task in a thread, from its start in the queue until nothing of it runs any more (L6). */
export class ThreadTask implements RunningWork, TaskThreadListener {
  readonly ended: Promise<void>;
  private state: 'waiting' | 'running' | 'ended' = 'waiting';
  private aborted = false;
  private thread: TaskThread | undefined;
  private grace: NodeJS.Timeout | undefined;
  private markEnded: () => void = () => undefined;

  constructor(
    private readonly run: { readonly url: string; readonly nodeType: string; readonly call: TaskCall },
    private readonly listener: WorkListener,
    /** Called once, when the task leaves; with its thread when that can be used again. */
    private readonly left: (task: ThreadTask, thread: TaskThread | undefined) => void,
  ) {
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
  }

  get workflowId(): string {
    return this.run.call.workflowId;
  }

  /** One name for all attempts at this node. */
  get node(): string {
    const { workflowId, nodeId } = this.run.call;
    return `${workflowId}/${nodeId}`;
  }

  /** What part of its time it has computed so far; undefined while it waits. */
  get busy(): Busy | undefined {
    return this.thread?.busy;
  }

  get isOver(): boolean {
    return this.state === 'ended';
  }

  startOn(thread: TaskThread): void {
    this.state = 'running';
    this.thread = thread;
    const message: ToTaskThread = { type: 'run', ...this.run };
    thread.run(message, this);
  }

  abort(): void {
    if (this.aborted || this.state === 'ended') return;
    this.aborted = true;
    if (this.thread === undefined) this.leave(undefined);
    else this.endSoon(this.thread);
  }

  /** Reports a failure of an attempt that never got a thread. */
  fail(error: NodeError): void {
    this.report({ status: 'failed', error, failedNodeId: this.run.call.nodeId }, undefined);
  }

  log(text: string): void {
    if (!this.aborted) this.listener.log(this.run.call.nodeId, text);
  }

  // An aborted task that has come to its end leaves a healthy thread behind.
  over(outcome: UnitOutcome): void {
    this.report(outcome, this.thread);
  }

  gone(error: NodeError): void {
    this.fail(error);
  }

  private endSoon(thread: TaskThread): void {
    thread.abort();
    this.grace = setTimeout(() => void thread.end(), abortGraceMs); // gone() follows
  }

  private report(outcome: UnitOutcome, thread: TaskThread | undefined): void {
    if (this.state === 'ended') return;
    const { aborted } = this;
    this.leave(thread);
    if (!aborted) this.listener.finished(outcome);
  }

  private leave(thread: TaskThread | undefined): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.grace);
    this.left(this, thread);
    this.markEnded();
  }
}
