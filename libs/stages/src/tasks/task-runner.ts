import { availableParallelism } from 'node:os';
import type { LoadedUserNode, UserTask } from '#nodes';
import type { RunningWork, Work, WorkListener, WorkRunner } from '#runtime';
import { LoopTask } from './loop-task.js';
import { type LoopBlocked, LoopWatch } from './loop-watch.js';
import type { TaskCall } from './task-call.js';
import { TaskThreads } from './task-threads.js';
import { ThreadTask } from './thread-task.js';

/** How tasks are run on an engine. */
export interface TaskRunnerSettings {
  readonly userNodes: readonly LoadedUserNode[];
  /** Tasks in threads at the same time. */
  readonly concurrency: number;
  /** Tasks in threads that compute at the same time; by default one less than the machine has processors, and at least one. */
  readonly processors?: number;
  /** Heap of one task's thread, MiB. */
  readonly memoryMb: number;
  /** Tasks that may wait for a thread; beyond it an attempt fails with RESOURCE_EXHAUSTED. */
  readonly maxWaiting?: number;
  /** Is told of tasks that keep the loop from turning for so long. */
  readonly loop?: { readonly blockedAfterMs: number; readonly told: (blocked: LoopBlocked) => void };
  /** The compiled entry of a task's thread; by default the one beside this module. */
  readonly threadUrl?: URL;
}

interface KnownTask {
  readonly task: UserTask;
  readonly url: string;
}

const defaultMaxWaiting = 100_000;

/**
 * Runs users' tasks: `runOn: 'loop'` on this event loop, the others in threads, where an abort ends also an endless loop. A
 * throw and a result that is not JSON are failed attempts. A task that ignores its signal on the loop cannot be stopped.
 */
export class TaskRunner implements WorkRunner {
  private readonly tasks = new Map<string, KnownTask>();
  private readonly threads: TaskThreads;
  private readonly watch: LoopWatch | undefined;

  constructor(settings: TaskRunnerSettings) {
    for (const { node, url } of settings.userNodes) if (node.kind === 'task') this.tasks.set(node.nodeType, { task: node, url });
    this.watch = settings.loop && new LoopWatch(settings.loop.blockedAfterMs, settings.loop.told);
    const threadUrl = settings.threadUrl ?? new URL('./task-thread-main.js', import.meta.url);
    this.threads = new TaskThreads(threadUrl, {
      threads: settings.concurrency,
      processors: settings.processors ?? Math.max(1, availableParallelism() - 1),
      memoryMb: settings.memoryMb,
      waiting: settings.maxWaiting ?? defaultMaxWaiting,
    });
  }

  start(work: Work, listener: WorkListener): RunningWork {
    const node = work.nodes[0];
    const known = node === undefined ? undefined : this.tasks.get(node.nodeType);
    if (node === undefined || known === undefined) return unknownTask(work, listener);
    const { executionId, workflowId, attempt, idempotencyKey, input } = work;
    const call: TaskCall = { config: node.config, input, executionId, workflowId, nodeId: node.id, attempt, idempotencyKey };
    if (known.task.runOn === 'loop') return new LoopTask(known.task, call, listener, this.watch);
    return this.startThreadTask({ url: known.url, nodeType: node.nodeType, call }, listener);
  }

  /** How many tasks run in threads and how many wait for one. */
  load(): { readonly running: number; readonly waiting: number } {
    return this.threads.load;
  }

  /** Tasks of a workflow that wait for a thread. */
  waitingOf(workflowId: string): number {
    return this.threads.waitingOf(workflowId);
  }

  /** Aborts what runs in threads and resolves when none is left. */
  close(): Promise<void> {
    this.watch?.close();
    return this.threads.close();
  }

  private startThreadTask(run: { url: string; nodeType: string; call: TaskCall }, listener: WorkListener): RunningWork {
    const task = new ThreadTask(run, listener, (left, thread) => this.threads.left(left, thread));
    queueMicrotask(() => this.threads.add(task)); // never reports before start() has returned
    return task;
  }
}

function unknownTask(work: Work, listener: WorkListener): RunningWork {
  const nodeType = work.nodes[0]?.nodeType ?? 'none';
  let aborted = false;
  queueMicrotask(() => {
    const message = `this engine has no task ${nodeType}; is MILLRACE_NODES_DIR the same on all engines?`;
    if (!aborted) listener.finished({ status: 'failed', error: { code: 'NODE_TYPE_UNKNOWN', message } });
  });
  return {
    abort: () => {
      aborted = true;
    },
    ended: Promise.resolve(),
  };
}
