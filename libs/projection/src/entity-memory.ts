import { endsWith } from './fold/fold-execution.js';
import type { FoldedPartition, KnownEntities } from './fold/fold-partition.js';
import { isOfWorkflow, type SortedRecords } from './fold/sort-records.js';
import { RecentEntities } from './recent-entities.js';
import type { KnownExecution, WorkflowRow } from './rows.js';

/** Where entities that are not remembered are looked up. */
export interface EntityLookup {
  executions(entities: readonly string[], withState: readonly string[]): Promise<ReadonlyMap<string, KnownExecution>>;
  workflows(workflowIds: readonly string[]): Promise<ReadonlyMap<string, WorkflowRow>>;
}

/** Open executions and recent workflows, as the last written batch left them. An execution that ended is forgotten. */
export class EntityMemory {
  readonly #executions: RecentEntities<KnownExecution>;
  readonly #workflows: RecentEntities<WorkflowRow>;

  constructor(
    private readonly lookup: EntityLookup,
    limit: number,
  ) {
    this.#executions = new RecentEntities(limit);
    this.#workflows = new RecentEntities(limit);
  }

  /** What a batch needs to know, looked up in at most three statements. An entity that begins with seq 1 is new: nothing is looked up. */
  async knownFor(batch: readonly SortedRecords[]): Promise<KnownEntities> {
    const { executions, withState, workflows } = this.#missing(batch);
    const foundExecutions = executions.length > 0 ? await this.lookup.executions(executions, withState) : new Map<string, KnownExecution>();
    const foundWorkflows = workflows.length > 0 ? await this.lookup.workflows(workflows) : new Map<string, WorkflowRow>();
    return {
      execution: (entity) => foundExecutions.get(entity) ?? this.#executions.get(entity),
      workflow: (entity) => foundWorkflows.get(entity) ?? this.#workflows.get(entity),
    };
  }

  /** After the batch is written. */
  remember(folded: FoldedPartition): void {
    for (const [entity, known] of folded.executions) {
      if (known.row.endedAt === null) this.#executions.set(entity, known);
      else this.#executions.delete(entity);
    }
    for (const [entity, row] of folded.workflows) this.#workflows.set(entity, row);
  }

  /** The partition's rows were dropped, or another projector has gone on with them. */
  forgetPartition(partition: number): void {
    this.#executions.forget((known) => known.row.partition === partition);
    this.#workflows.forget((row) => row.partition === partition);
  }

  #missing(batch: readonly SortedRecords[]): { executions: string[]; withState: string[]; workflows: string[] } {
    const missing = { executions: [] as string[], withState: [] as string[], workflows: [] as string[] };
    for (const { byEntity } of batch) {
      for (const [entity, entries] of byEntity) {
        const [first] = entries;
        if (first === undefined || first.seq === 1) continue;
        if (isOfWorkflow(first)) {
          if (!this.#workflows.get(entity)) missing.workflows.push(entity);
          continue;
        }
        const known = this.#executions.get(entity);
        const needsState = !endsWith(entries);
        if (known && (known.state || !needsState)) continue;
        missing.executions.push(entity);
        if (needsState) missing.withState.push(entity);
      }
    }
    return missing;
  }
}
