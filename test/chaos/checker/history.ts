import type { PlainRecord } from '../../cluster/log-reader.js';
import { ExecutionTrace } from './execution-trace.js';
import { type Fact, placeText, type Where, WorkflowTrace } from './workflow-trace.js';

/** What became of a command, as the log says it. */
export interface CommandTrace {
  /** Offsets of the first facts that it caused: more than one is a command that was applied twice. */
  readonly applied: string[];
  /** Codes of refusals on record. */
  readonly refused: string[];
  /** Accepted without a fact of its own: a repeat, or nothing to change. */
  accepted: number;
}

/**
 * What the event log says, read by the two rules that contract §5 gives to every reader, written here anew: it shares no code with
 * the engine. Takes each partition's records in order; `violations` is what the log itself betrays.
 */
export class History {
  readonly violations: string[] = [];
  readonly executions = new Map<string, ExecutionTrace>();
  readonly workflows = new Map<string, WorkflowTrace>();
  readonly commands = new Map<string, CommandTrace>();
  /** Per partition, the offset up to which commands are decided. */
  readonly decidedUpTo = new Map<number, number>();
  fences = 0;
  skipped = 0;
  events = 0;
  readonly #epochs = new Map<number, string>();
  readonly #nextOffsets = new Map<number, number>();

  /** The next offset wanted of a partition. */
  nextOffset(partition: number): number {
    return this.#nextOffsets.get(partition) ?? 0;
  }

  /** Takes a record; one that was taken before is passed by. */
  take(partition: number, record: PlainRecord): void {
    if (record.offset < this.nextOffset(partition)) return;
    this.#nextOffsets.set(partition, record.offset + 1);
    if (record.value === null) return;
    const { type, epoch, at } = record.headers;
    if (type === 'OwnerFenced') {
      this.#epochs.set(partition, `${record.offset}.${epoch}`);
      this.fences += 1;
    } else if (epoch !== this.#epochs.get(partition) || at !== String(record.offset)) {
      this.skipped += 1; // V1
    } else {
      this.#takeValid(partition, record, record.value);
    }
  }

  execution(workflowId: string, executionId: string): ExecutionTrace | undefined {
    return this.executions.get(`${workflowId}/${executionId}`);
  }

  command(commandId: string): CommandTrace {
    const known = this.commands.get(commandId) ?? { applied: [], refused: [], accepted: 0 };
    this.commands.set(commandId, known);
    return known;
  }

  /** One line for each entity and command, the same for every reader of the same log. */
  digest(): Map<string, string> {
    const lines = new Map<string, string>();
    for (const [id, trace] of this.workflows) lines.set(id, `${trace.seq} ${trace.version}`);
    for (const [id, trace] of this.executions) lines.set(id, `${trace.seq} ${trace.end?.type} ${trace.firstOffset}`);
    return lines;
  }

  #takeValid(partition: number, record: PlainRecord, value: string): void {
    this.#takePosition(partition, record);
    const { commandId, type } = record.headers;
    const where = { partition, offset: record.offset, time: record.timestamp };
    if (commandId) this.command(commandId).applied.push(`${partition}:${record.offset}`);
    if (type === 'Decided') this.#takeDecided(JSON.parse(value) as Record<string, unknown>);
    else if (!record.key.startsWith('!')) this.#takeFact(where, JSON.parse(value) as Fact, { key: record.key, commandId });
  }

  #takeFact(where: Where, fact: Fact, { key, commandId }: { key: string; commandId: string | undefined }): void {
    this.events += 1;
    const tell = (what: string) => this.violations.push(`${placeText(where)}: ${what}`);
    if (fact.executionId === undefined) {
      const entity = key.includes('/@') ? `${fact.workflowId}@${where.partition}` : fact.workflowId; // a shard of it, or itself
      const trace = this.workflows.get(entity) ?? new WorkflowTrace(fact.workflowId, where.partition);
      this.workflows.set(entity, trace);
      if (trace.partition !== where.partition) tell(`${entity} has facts on partition ${trace.partition}, too`);
      trace.take(fact, where, tell);
      return;
    }
    const id = `${fact.workflowId}/${fact.executionId}`;
    const trace = this.executions.get(id) ?? new ExecutionTrace(fact.workflowId, fact.executionId, where);
    this.executions.set(id, trace);
    if (commandId !== undefined && fact.type === 'WorkflowStarted') trace.commandId = commandId;
    trace.take(fact, where, tell);
  }

  #takeDecided({ refused, accepted }: Record<string, unknown>): void {
    for (const entry of (refused ?? []) as { commandId: string; code: string }[]) this.command(entry.commandId).refused.push(entry.code);
    for (const entry of (accepted ?? []) as { commandId: string }[]) this.command(entry.commandId).accepted += 1;
  }

  #takePosition(partition: number, record: PlainRecord): void {
    const { commandOffset } = record.headers;
    if (commandOffset === undefined) return;
    const before = this.decidedUpTo.get(partition) ?? -1;
    const now = Number(commandOffset);
    if (now < before)
      this.violations.push(
        `${placeText({ partition, offset: record.offset, time: record.timestamp })}: commandOffset goes back from ${before} to ${now}`,
      );
    this.decidedUpTo.set(partition, now);
  }
}
