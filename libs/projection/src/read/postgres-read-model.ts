import { type Event, executionView, type JsonObject, type Plan } from '#core';
import type { QueryRunner } from '#postgres';
import type {
  ClusterEvent,
  CommandOutcome,
  ExecutionItem,
  ExecutionQuery,
  HistoryExecution,
  HistoryStatus,
  Page,
  PartitionCounts,
  ReadModel,
  Timeline,
  VersionItem,
  WorkflowItem,
  WorkflowQuery,
} from '../read-model.js';
import { Briefly } from './briefly.js';
import { readClusterEvents } from './cluster-event-reads.js';
import { readEvents, readExecutions, readStates } from './execution-reads.js';
import { readHistory, readHistoryExecution, readHistoryStatus, readTimeline } from './history-reads.js';
import { readCommand, readCounts, readLagMs } from './partition-reads.js';
import { readVersions, readWorkflow, readWorkflowStatus, readWorkflows } from './workflow-reads.js';

export interface ReadModelOptions {
  /** The plan of a version, so that an execution's view shows also the nodes that have not begun. Default: none. */
  readonly planOf?: (workflowId: string, version: VersionItem) => Plan | undefined;
  /** Default `Date.now`. */
  readonly now?: () => number;
}

const lagKeptMs = 500;
const countsKeptMs = 1_000;

/** The read model in Postgres. Give it a pool with `readLimits`. */
export class PostgresReadModel implements ReadModel {
  readonly #lag: Briefly<number>;
  readonly #counts: Briefly<ReadonlyMap<number, PartitionCounts>>;

  constructor(
    private readonly db: QueryRunner,
    private readonly options: ReadModelOptions = {},
  ) {
    const now = options.now ?? Date.now;
    this.#lag = new Briefly(lagKeptMs, now, () => readLagMs(db));
    this.#counts = new Briefly(countsKeptMs, now, () => readCounts(db));
  }

  workflows(query: WorkflowQuery): Promise<Page<WorkflowItem>> {
    return readWorkflows(this.db, query);
  }

  workflow(workflowId: string): Promise<WorkflowItem | undefined> {
    return readWorkflow(this.db, workflowId);
  }

  workflowStatus(workflowId: string): Promise<JsonObject | undefined> {
    return readWorkflowStatus(this.db, workflowId);
  }

  async versions(workflowId: string): Promise<readonly VersionItem[] | undefined> {
    const versions = await readVersions(this.db, workflowId);
    return versions.length === 0 ? undefined : versions;
  }

  async version(workflowId: string, version: number): Promise<VersionItem | undefined> {
    return (await readVersions(this.db, workflowId, version))[0];
  }

  executions(query: ExecutionQuery): Promise<Page<ExecutionItem>> {
    return readExecutions(this.db, query);
  }

  async execution(workflowId: string, executionId: string): Promise<JsonObject | undefined> {
    const state = (await readStates(this.db, workflowId, [executionId])).get(executionId);
    if (state === undefined || state.status === 'notStarted') return undefined;
    const { planOf } = this.options;
    const version = planOf && (await this.version(workflowId, state.version));
    return executionView(workflowId, executionId, state, version && planOf?.(workflowId, version));
  }

  events(workflowId: string, executionId: string, afterSeq: number, limit: number): Promise<readonly Event[]> {
    return readEvents(this.db, { workflowId, executionId }, afterSeq, limit);
  }

  history(workflowId: string): Promise<{ workflowId: string; executions: readonly HistoryExecution[] } | undefined> {
    return readHistory(this.db, workflowId);
  }

  historyStatus(workflowId: string): Promise<HistoryStatus | undefined> {
    return readHistoryStatus(this.db, workflowId);
  }

  historyExecution(workflowId: string, executionId: string): Promise<HistoryExecution | undefined> {
    return readHistoryExecution(this.db, workflowId, executionId);
  }

  timeline(workflowId: string, executionId?: string): Promise<Timeline | undefined> {
    return readTimeline(this.db, workflowId, executionId);
  }

  command(commandId: string): Promise<CommandOutcome | undefined> {
    return readCommand(this.db, commandId);
  }

  clusterEvents(query: { readonly limit: number; readonly cursor?: string }): Promise<Page<ClusterEvent>> {
    return readClusterEvents(this.db, query);
  }

  workflowCounts(): Promise<ReadonlyMap<number, PartitionCounts>> {
    return this.#counts.get();
  }

  lagMs(): Promise<number> {
    return this.#lag.get();
  }
}
