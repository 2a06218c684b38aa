import type { WorkRunner } from '#runtime';

/** Sends stages to one runner and tasks to the other. */
export function createWorkRunner(runners: { readonly stages: WorkRunner; readonly tasks: WorkRunner }): WorkRunner {
  return {
    start: (work, listener) => (work.unit.kind === 'stage' ? runners.stages : runners.tasks).start(work, listener),
  };
}
