import type { KnownExecution, OutcomeRow, ProjectionBatch, VersionRow, WorkflowRow } from '../rows.js';
import { foldExecution } from './fold-execution.js';
import { foldWorkflow } from './fold-workflow.js';
import { clusterEventOf, decidedOutcomes } from './partition-facts.js';
import { type EventEntry, isOfWorkflow, type SortedRecords } from './sort-records.js';

/** Entities as they stood before a batch. */
export interface KnownEntities {
  execution(entity: string): KnownExecution | undefined;
  workflow(entity: string): WorkflowRow | undefined;
}

/** An entity that V2 stopped: a hole in its events, or a fact that this version cannot apply. */
export interface StoppedEntity {
  readonly entity: string;
  readonly offset: number;
  readonly reason: string;
}

/** What one batch of one partition changes, and how its entities stand afterwards. */
export interface FoldedPartition {
  readonly rows: Omit<ProjectionBatch, 'moves'>;
  readonly executions: ReadonlyMap<string, KnownExecution>;
  readonly workflows: ReadonlyMap<string, WorkflowRow>;
  readonly duplicates: number;
  readonly stopped: readonly StoppedEntity[];
}

/** Pure: the same records over the same entities give the same rows. */
export function foldPartition(partition: number, sorted: SortedRecords, known: KnownEntities): FoldedPartition {
  const folding = new Folding(partition, known);
  for (const [entity, entries] of sorted.byEntity) folding.entity(entity, entries);
  for (const record of sorted.decided) folding.outcomes.push(...decidedOutcomes(partition, record));
  return folding.result(sorted);
}

class Folding {
  readonly outcomes: OutcomeRow[] = [];
  readonly #executions = new Map<string, KnownExecution>();
  readonly #workflows = new Map<string, WorkflowRow>();
  readonly #events: ProjectionBatch['executionEvents'][number][] = [];
  readonly #versions: VersionRow[] = [];
  readonly #stopped: StoppedEntity[] = [];
  #duplicates = 0;

  constructor(
    readonly partition: number,
    readonly known: KnownEntities,
  ) {}

  /** V3: what evolve throws quarantines that entity in the read model; the partition goes on. */
  entity(entity: string, entries: readonly EventEntry[]): void {
    try {
      if (isOfWorkflow(entries[0])) this.#workflow(entity, entries);
      else this.#execution(entity, entries);
    } catch (error) {
      this.#broken(entity, entries, `could not apply: ${String(error)}`);
    }
  }

  result(sorted: SortedRecords): FoldedPartition {
    const { outcomes, partition } = this;
    const executions = [...this.#executions.values()].map((known) => known.row);
    const clusterEvents = sorted.fences.map((fence) => clusterEventOf(partition, fence));
    const workflows = [...this.#workflows.values()];
    return {
      rows: { executions, executionEvents: this.#events, workflows, versions: this.#versions, outcomes, clusterEvents },
      executions: this.#executions,
      workflows: this.#workflows,
      duplicates: this.#duplicates,
      stopped: this.#stopped,
    };
  }

  #execution(entity: string, entries: readonly EventEntry[]): void {
    const folded = foldExecution(this.partition, this.known.execution(entity), entries);
    if (folded.known) this.#executions.set(entity, folded.known);
    if (folded.events) this.#events.push(folded.events);
    this.#note(entity, folded);
  }

  #workflow(entity: string, entries: readonly EventEntry[]): void {
    const folded = foldWorkflow(this.partition, this.known.workflow(entity), entries);
    if (folded.row) this.#workflows.set(entity, folded.row);
    this.#versions.push(...folded.versions);
    this.#note(entity, folded);
  }

  #note(entity: string, folded: { outcomes: readonly OutcomeRow[]; duplicates: number; hole?: { offset: number; reason: string } }): void {
    this.outcomes.push(...folded.outcomes);
    this.#duplicates += folded.duplicates;
    if (folded.hole) this.#stopped.push({ entity, ...folded.hole });
  }

  #broken(entity: string, entries: readonly EventEntry[], reason: string): void {
    const execution = this.known.execution(entity);
    const workflow = this.known.workflow(entity);
    if (execution) this.#executions.set(entity, { ...execution, row: { ...execution.row, quarantine: reason } });
    if (workflow) this.#workflows.set(entity, { ...workflow, quarantine: reason });
    this.#stopped.push({ entity, offset: entries[0]?.record.offset ?? -1, reason });
  }
}
