import type { PlainRecord } from './log-reader.js';

interface Fact {
  readonly type: string;
  readonly workflowId: string;
  readonly executionId?: string;
  readonly seq: number;
  readonly data: Record<string, unknown>;
}

const terminal = new Set(['WorkflowCompleted', 'WorkflowFailed', 'WorkflowCancelled']);

/** What the log says, read by the two rules that contract §5 gives to every reader, written here anew. */
export class LogChecker {
  readonly violations: string[] = [];
  readonly executions = new Map<string, Fact[]>();
  readonly commands = new Map<string, number>();
  fences = 0;
  skipped = 0;

  constructor(partitions: ReadonlyMap<number, readonly PlainRecord[]>) {
    for (const [partition, records] of partitions) this.#readPartition(partition, records);
    for (const [id, facts] of this.executions) this.#checkExecution(id, facts);
    for (const [id, count] of this.commands) if (count > 1) this.violations.push(`command ${id} was applied ${count} times`);
  }

  /** How the execution ended, if it did. */
  outcome(executionId: string): string | undefined {
    return this.executions.get(executionId)?.find((fact) => terminal.has(fact.type))?.type;
  }

  #readPartition(partition: number, records: readonly PlainRecord[]): void {
    let epoch: string | undefined;
    const seqs = new Map<string, number>();
    for (const record of records) {
      if (record.value === null) continue;
      if (record.headers.type === 'OwnerFenced') {
        epoch = `${record.offset}.${record.headers.epoch}`;
        this.fences += 1;
      } else if (record.headers.epoch !== epoch || record.headers.at !== String(record.offset)) {
        this.skipped += 1; // V1: stale or misplaced
      } else if (!record.key.startsWith('!')) {
        // neither a fact of the partition, nor answers
        this.#apply(partition, record, JSON.parse(record.value) as Fact, seqs);
      }
    }
  }

  #apply(partition: number, record: PlainRecord, fact: Fact, seqs: Map<string, number>): void {
    const entity = `${fact.workflowId}/${fact.executionId ?? '-'}`;
    const last = seqs.get(entity) ?? 0;
    if (fact.seq !== last + 1) {
      this.violations.push(`partition ${partition} offset ${record.offset}: ${entity} jumps from ${last} to ${fact.seq}`);
    }
    seqs.set(entity, fact.seq);
    const commandId = record.headers.commandId;
    if (commandId) this.commands.set(commandId, (this.commands.get(commandId) ?? 0) + 1);
    if (fact.executionId) this.executions.set(fact.executionId, [...(this.executions.get(fact.executionId) ?? []), fact]);
  }

  #checkExecution(id: string, facts: readonly Fact[]): void {
    if (facts[0]?.type !== 'WorkflowStarted') this.violations.push(`${id} begins with ${facts[0]?.type}`);
    const ends = facts.filter((fact) => terminal.has(fact.type));
    if (ends.length > 1) this.violations.push(`${id} ends ${ends.length} times`);
    if (ends.length === 1 && facts.at(-1) !== ends[0]) this.violations.push(`${id} goes on after its end`);
    const completed = facts.filter((fact) => fact.type === 'NodeExecutionCompleted').map((fact) => String(fact.data.nodeId));
    if (new Set(completed).size !== completed.length) this.violations.push(`${id} completes a node twice: ${completed.join(', ')}`);
  }
}
