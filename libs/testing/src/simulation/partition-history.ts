import {
  type Event,
  type ExecutionState,
  evolveExecution,
  evolveWorkflow,
  initialExecutionState,
  initialWorkflowState,
  type WorkflowState,
} from '#core';
import type { StoredRecord } from '#protocol';
import type { InvariantId } from './invariants.js';

/** An entity as the log tells it: `states[n - 1]` and `offsets[n - 1]` belong to seq n. */
export interface EntityHistory {
  readonly key: string;
  readonly kind: 'workflow' | 'execution';
  readonly states: (WorkflowState | ExecutionState)[];
  readonly offsets: number[];
  state: WorkflowState | ExecutionState;
}

/** One time that the history decided a command. */
export interface DecisionEntry {
  readonly offset: number;
  readonly kind: 'event' | 'answer';
  readonly event?: Event;
  readonly code?: string;
  readonly executionId?: string;
}

/** An intake position as an append states it. */
export interface PositionEntry {
  readonly offset: number;
  readonly commandOffset: number;
  readonly decidedAbove: readonly number[];
  /** When the highest command that it calls decided was written, as its owner says. */
  readonly commandTime?: number;
}

export interface AppliedEvent {
  readonly event: Event;
  readonly offset: number;
  readonly epoch: string;
  readonly instance: string;
}

export type Complaint = (invariant: InvariantId, message: string) => void;

const text = new TextDecoder();

/**
 * The checker's own reading of one partition of `workflow.events`: V1 and V2 written anew from the design, sharing no
 * code with the readers under test but the core's `evolve`. Complains where a valid record breaks an invariant.
 */
export class PartitionHistory {
  readonly entities = new Map<string, EntityHistory>();
  readonly decisions = new Map<string, DecisionEntry[]>();
  /** Offsets of all valid records and fences, in order. */
  readonly validOffsets: number[] = [];
  /** Epoch in force from an offset on, in order. */
  readonly epochs: { readonly from: number; readonly epoch: string; readonly instance: string }[] = [];
  /** Intake position as of each append, in order. */
  readonly positions: PositionEntry[] = [];
  /** Offsets of commands that a position called decided and that were found to be. */
  readonly settledCommands = new Set<number>();
  /** Snapshots found to be what the log says. */
  readonly verifiedSnapshots = new WeakSet<object>();
  /** By spread workflow whose home this is: the seq of the last fact that its shards must hear of. */
  readonly lastWords = new Map<string, number>();
  fences = 0;
  /** Commands up to here an operator has passed over, or they are of a former topic. */
  acceptedTo = -1;
  /** I-25: an operator has to accept before anything is decided. */
  mustWait = false;
  #epoch = '';
  #instance = '';
  readonly #complain: Complaint;

  constructor(complain: Complaint) {
    this.#complain = complain;
  }

  get epoch(): string {
    return this.#epoch;
  }

  get instance(): string {
    return this.#instance;
  }

  /** Reads the next record; the event where it is a valid one. */
  read(record: StoredRecord): AppliedEvent | undefined {
    if (record.value === null) return undefined;
    const { headers, offset } = record;
    if (headers.type === 'OwnerFenced') return this.#readFence(record);
    if (headers.epoch !== this.#epoch || Number(headers.at) !== offset) return undefined;
    this.validOffsets.push(offset);
    const body: unknown = JSON.parse(text.decode(record.value));
    if (headers.type === 'PartitionAccepted') return this.#readAcceptance(record);
    if (this.mustWait) this.#complain('I-25', `${headers.type} at ${offset}`);
    const applied = headers.type === 'Decided' ? this.#readAnswers(body as AnswersBody, offset) : this.#readEvent(body as Event, record);
    this.#readPosition(record);
    return applied;
  }

  stateOf(key: string): WorkflowState | ExecutionState | undefined {
    return this.entities.get(key)?.state;
  }

  /** The epoch in force just before `offset`. */
  epochAt(offset: number): string | undefined {
    return this.epochs.findLast((one) => one.from < offset)?.epoch;
  }

  /** Who wrote the record at `offset`. */
  instanceAt(offset: number): string | undefined {
    return this.epochs.findLast((one) => one.from <= offset)?.instance;
  }

  positionAt(offset: number): PositionEntry {
    return this.positions.findLast((one) => one.offset < offset) ?? { offset: -1, commandOffset: -1, decidedAbove: [] };
  }

  /** The first command that the log does not call decided. */
  get nextCommand(): number {
    const { commandOffset, decidedAbove } = this.positionAt(Number.POSITIVE_INFINITY);
    let next = commandOffset + 1;
    while (decidedAbove.includes(next)) next += 1;
    return next;
  }

  /** Commands are read from somewhere else from now on: the position begins anew. */
  #readAcceptance(record: StoredRecord): undefined {
    this.mustWait = false;
    this.settledCommands.clear();
    this.positions.push(positionIn(record));
    this.acceptedTo = Number(record.headers.commandOffset);
  }

  #readFence(record: StoredRecord): undefined {
    const body = JSON.parse(text.decode(record.value ?? undefined)) as { instance: string };
    this.#epoch = `${record.offset}.${record.headers.epoch ?? ''}`;
    this.#instance = body.instance;
    this.fences += 1;
    this.validOffsets.push(record.offset);
    this.epochs.push({ from: record.offset, epoch: this.#epoch, instance: body.instance });
  }

  #readAnswers(body: AnswersBody, offset: number): undefined {
    for (const entry of [...(body.refused ?? []), ...(body.accepted ?? [])]) {
      this.#decided(entry.commandId, { offset, kind: 'answer', ...(entry.code === undefined ? {} : { code: entry.code }) });
    }
  }

  #readEvent(event: Event, record: StoredRecord): AppliedEvent {
    const key = event.executionId === undefined ? event.workflowId : `${event.workflowId}/${event.executionId}`;
    const entity = this.#entity(key, event.executionId === undefined ? 'workflow' : 'execution');
    const expected = entity.states.length + 1;
    const name = `${key} ${event.type} seq ${event.seq} at ${record.offset}`;
    if (event.seq !== expected) this.#complain('I-01', `${name}: expected seq ${expected}`);
    this.#checkOrder(event, entity, name);
    entity.state = evolved(entity.state, event);
    entity.states.push(entity.state);
    entity.offsets.push(record.offset);
    if (isForShards(event) && 'sharding' in entity.state) this.lastWords.set(key, event.seq);
    const commandId = record.headers.commandId;
    if (commandId !== undefined) this.#decided(commandId, { offset: record.offset, kind: 'event', event });
    return { event, offset: record.offset, epoch: this.#epoch, instance: this.#instance };
  }

  #checkOrder(event: Event, entity: EntityHistory, name: string): void {
    if (entity.kind === 'execution' && entity.state.status === 'finished') this.#complain('I-02', `${name} follows a terminal fact`);
    if (entity.kind === 'execution' && (event.type === 'WorkflowStarted') !== (entity.states.length === 0)) {
      this.#complain('I-02', `${name}: an execution begins with WorkflowStarted, once`);
    }
  }

  #entity(key: string, kind: EntityHistory['kind']): EntityHistory {
    let entity = this.entities.get(key);
    if (entity === undefined) {
      entity = { key, kind, states: [], offsets: [], state: kind === 'workflow' ? initialWorkflowState : initialExecutionState };
      this.entities.set(key, entity);
    }
    return entity;
  }

  #decided(commandId: string, entry: DecisionEntry): void {
    const entries = this.decisions.get(commandId) ?? [];
    if (entry.kind === 'event' && entries.some((one) => one.kind === 'event')) {
      this.#complain('I-04', `${commandId} takes effect at ${entry.offset} and before`);
    }
    entries.push(entry);
    this.decisions.set(commandId, entries);
  }

  #readPosition(record: StoredRecord): void {
    const written = record.headers.commandOffset;
    if (written === undefined) return;
    const last = this.positions.at(-1);
    if (last !== undefined && Number(written) < last.commandOffset) {
      this.#complain('I-05', `commandOffset goes back from ${last.commandOffset} to ${written} at ${record.offset}`);
    }
    this.positions.push(positionIn(record));
  }
}

function positionIn({ offset, headers }: StoredRecord): PositionEntry {
  const list = headers.decidedAbove ?? '';
  const decidedAbove = list === '' ? [] : list.split(',').map(Number);
  const time = headers.commandTime === undefined ? {} : { commandTime: Number(headers.commandTime) };
  return { offset, commandOffset: Number(headers.commandOffset), decidedAbove, ...time };
}

interface AnswersBody {
  readonly refused?: readonly { readonly commandId: string; readonly code?: string }[];
  readonly accepted?: readonly { readonly commandId: string; readonly code?: string }[];
}

function evolved(state: WorkflowState | ExecutionState, event: Event): WorkflowState | ExecutionState {
  return event.executionId === undefined
    ? evolveWorkflow(state as WorkflowState, event) // the entity's kind follows from the event's executionId
    : evolveExecution(state as ExecutionState, event);
}

function isForShards({ type }: Event): boolean {
  return type === 'WorkflowCreated' || type === 'WorkflowUpdated' || type === 'WorkflowDeleted';
}
