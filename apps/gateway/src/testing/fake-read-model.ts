import type { Page, ReadModel } from '#projection';
import { TransientError } from '#runtime';

/** A read model that holds nothing; a spec overrides what it needs. */
export function emptyReadModel(overrides: Partial<ReadModel> = {}): ReadModel {
  const nothing = async (): Promise<undefined> => undefined;
  const noPage = async (): Promise<Page<never>> => ({ items: [] });
  return {
    workflows: noPage,
    workflow: nothing,
    workflowStatus: nothing,
    versions: nothing,
    version: nothing,
    executions: noPage,
    execution: nothing,
    events: async () => [],
    history: nothing,
    historyStatus: nothing,
    historyExecution: nothing,
    timeline: nothing,
    command: nothing,
    clusterEvents: noPage,
    workflowCounts: async () => new Map(),
    lagMs: async () => 12,
    ...overrides,
  };
}

/** A method of a read model whose database is away. */
export async function databaseAway(): Promise<never> {
  throw new TransientError('connection refused');
}
