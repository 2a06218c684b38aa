import type { WorkRunner } from '#runtime';

/** A runner with slots, and what waits for one. */
export interface QueueingRunner extends WorkRunner {
  load(): { readonly waiting: number };
  waitingOf(workflowId: string): number;
}

/** How many tasks and stages may wait in one engine before executions are refused (`RESOURCE_EXHAUSTED`). */
export interface QueueLimits {
  readonly perWorkflow: number;
  readonly inAll: number;
}

/** Sends stages to one runner and tasks to the other; refuses starts while too much waits. */
export function createWorkRunner(
  { stages, tasks }: { readonly stages: QueueingRunner; readonly tasks: QueueingRunner },
  limits: QueueLimits,
): WorkRunner {
  return {
    start: (work, listener) => (work.unit.kind === 'stage' ? stages : tasks).start(work, listener),
    discard: (left) => stages.discard?.(left) ?? Promise.resolve(),
    overloaded(workflowId) {
      const own = stages.waitingOf(workflowId) + tasks.waitingOf(workflowId);
      if (own >= limits.perWorkflow)
        return `${own} nodes of workflow ${workflowId} wait for a slot already (MILLRACE_MAX_QUEUED_PER_WORKFLOW)`;
      const all = stages.load().waiting + tasks.load().waiting;
      return all >= limits.inAll ? `${all} nodes wait for a slot in this engine already (MILLRACE_MAX_QUEUED)` : undefined;
    },
  };
}
