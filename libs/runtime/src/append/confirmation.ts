import { type Action, type Event, isSpreadState, react, type WorkflowState } from '#core';
import type { Reply } from '#protocol';
import type { Checkpointer } from '../checkpoint/checkpointer.js';
import type { PartitionContext } from '../control/context.js';
import type { Batch, DecidedInput } from '../decide/batch.js';
import { Overlay } from '../decide/overlay.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import type { Leftovers } from '../dispatch/leftovers.js';
import type { ExecutionEntity, WorkflowEntity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { CommandProgress } from '../intake/command-progress.js';
import type { Elsewhere } from '../intake/placement.js';
import type { CommandInput } from '../mailbox/inputs.js';
import type { CommandAnswer } from '../ports/snapshot-store.js';

export interface ConfirmationRooms {
  readonly table: EntityTable;
  readonly answers: AnswerMemory;
  readonly progress: CommandProgress;
  readonly checkpoint: Checkpointer;
  readonly leftovers: Leftovers;
  /** The execution's confirmed state is new: timers, waiting queries. */
  executionChanged(entity: ExecutionEntity): void;
  act(action: Action, workflowId: string): void;
  released(key: string): void;
  /** Of a workflow whose executions are spread: its confirmed state is new (L12). */
  spreadChanged(entity: WorkflowEntity): void;
  /** Answers once what the workflow's shards must be told is sent. */
  whenSent(workflowId: string, state: WorkflowState, answer: () => void): void;
  /** The command goes to another partition, and counts as decided once it is there. */
  forward(input: CommandInput, elsewhere: Elsewhere): void;
  isHeld(key: string): boolean;
}

/** What follows once a batch is in the log, and never before (L8): state, memory, replies, actions, timers. */
export class Confirmation {
  constructor(
    readonly context: PartitionContext,
    readonly rooms: ConfirmationRooms,
  ) {}

  confirm(batch: Batch): void {
    const left = this.rooms.leftovers.of(batch.overlay);
    this.#publish(batch);
    for (const decided of batch.decided) this.#remember(decided);
    for (const key of batch.overlay.executions.keys()) {
      const entity = this.rooms.table.execution(key);
      if (entity) this.rooms.executionChanged(entity);
    }
    for (const workflowId of batch.overlay.workflows.keys()) {
      const entity = this.rooms.table.workflow(workflowId);
      if (entity && isSpreadState(entity.state)) this.rooms.spreadChanged(entity);
    }
    for (const decided of batch.decided) this.#actOn(decided, batch.overlay);
    this.rooms.leftovers.remove(left); // after attempts were told to stop
  }

  /** Sends the answers of a batch. */
  reply({ decided }: Batch): void {
    for (const { input, answer } of decided) {
      if (input.kind === 'command' && answer) this.#reply(input, answer);
      if (input.kind === 'settled' && input.reply) this.context.ports.replies.send(input.reply.to, input.reply.reply);
    }
  }

  /** Dispatches what a batch started. */
  dispatch(batch: Batch): void {
    for (const { events } of batch.decided) for (const event of events) this.react(event, batch.overlay);
  }

  /** The mutant of V3. */
  reactToReplayed(event: Event): void {
    this.react(event, new Overlay(this.rooms.table, this.rooms.answers));
  }

  /** The overlay becomes confirmed state. */
  #publish({ overlay }: Batch): void {
    const now = this.context.clock.now();
    for (const [workflowId, state] of overlay.workflows) {
      const entity = this.rooms.table.workflow(workflowId);
      if (entity) Object.assign(entity, { state, usedAt: now });
    }
    for (const [key, state] of overlay.executions) {
      const entity = this.rooms.table.execution(key);
      if (entity) Object.assign(entity, { state, usedAt: now, origin: overlay.origins.get(key) ?? entity.origin });
    }
  }

  #remember({ input, events, firstOffset, answer, entry, elsewhere }: DecidedInput): void {
    if (elsewhere !== undefined) return;
    const { table, checkpoint, answers, progress } = this.rooms;
    events.forEach((event, index) => {
      const entity =
        event.executionId === undefined ? table.workflow(event.workflowId) : table.execution(`${event.workflowId}/${event.executionId}`);
      if (entity) checkpoint.changed(entity, firstOffset + index);
    });
    if (input.kind === 'settled') progress.decided(input.offset);
    if (input.kind !== 'command') return;
    progress.decided(input.offset);
    if (entry === undefined || answer === undefined) return;
    const { skew, clock } = this.context;
    const now = skew.brokerTimeAtMost ?? clock.now(); // by no wall clock: what is kept for the window, and since when, is compared by others
    if (input.derived && answer.ok)
      answers.saw(entry.commandId, now); // the execution itself is the memory
    else answers.remember({ commandId: entry.commandId, commandHash: entry.commandHash, at: now, answer }, now);
  }

  #actOn(decided: DecidedInput, overlay: Overlay): void {
    const { input, events, answer, releases } = decided;
    const { observer } = this.context.ports;
    if (releases !== undefined) this.rooms.released(releases);
    if (decided.elsewhere !== undefined && input.kind === 'command') {
      this.rooms.forward(input, decided.elsewhere);
      this.#dropAbsent(input);
    } else if (input.kind === 'command') {
      observer.commandDecided(input.command.type, answer?.ok === true, Math.max(0, this.context.clock.now() - input.writtenAt));
      if (answer && this.context.rules.answerAfterConfirm) this.#reply(input, answer);
      this.#dropAbsent(input);
    } else if (input.kind === 'settled' && input.reply && this.context.rules.answerAfterConfirm)
      this.context.ports.replies.send(input.reply.to, input.reply.reply);
    else if (input.kind === 'signal') input.settled?.(events.length > 0);
    if (this.context.rules.startedBeforeDispatch) for (const event of events) this.react(event, overlay);
  }

  #reply({ command, replyTo, executionKey }: CommandInput, answer: CommandAnswer): void {
    if (replyTo === undefined) return;
    const { commandId, workflowId } = command;
    const reply = replyOf(commandId, workflowId, answer);
    const state = this.rooms.table.workflow(workflowId)?.state;
    const spread = state !== undefined && isSpreadState(state);
    const send = () => this.context.ports.replies.send(replyTo, spread ? { ...reply, sharding: 'execution' } : reply);
    if (spread && executionKey === undefined) this.rooms.whenSent(workflowId, state, send);
    else send();
  }

  /** Acts on a confirmed fact; `overlay` shows the states after the whole append. */
  react(event: Event, overlay: Overlay): void {
    const key = event.executionId === undefined ? undefined : `${event.workflowId}/${event.executionId}`;
    const workflow = overlay.workflow(event.workflowId);
    const execution = overlay.execution(key);
    const plan =
      execution.status === 'notStarted' ? undefined : this.context.ports.core.planOf(workflow, event.workflowId, execution.version);
    for (const action of react(event, execution, plan)) this.rooms.act(action, event.workflowId);
    if (execution.status === 'finished' && isEnd(event)) this.#ended(execution.outcome, event.data.duration);
  }

  #ended(outcome: Parameters<PartitionContext['ports']['observer']['executionEnded']>[0], durationMs: number): void {
    this.context.ports.observer.executionEnded(outcome, durationMs);
  }

  /** Executions that were looked for and do not exist need no place in memory. */
  #dropAbsent({ executionKey, derivedKey }: CommandInput): void {
    for (const key of [executionKey, derivedKey]) {
      const entity = key === undefined ? undefined : this.rooms.table.execution(key);
      if (entity?.state.seq === 0 && entity.quarantine === undefined && !this.rooms.isHeld(entity.key)) this.rooms.table.evict(entity.key);
    }
  }
}

function replyOf(commandId: string, workflowId: string, answer: CommandAnswer): Reply {
  if (answer.ok) return { commandId, workflowId, ok: true, result: answer.result };
  const { code, message, details } = answer;
  return { commandId, workflowId, ok: false, error: { code, message, ...(details === undefined ? {} : { details }) } };
}

type End = Extract<Event, { type: 'WorkflowCompleted' | 'WorkflowFailed' | 'WorkflowCancelled' }>;

/** Whether an execution ends with this. */
export function isEnd(event: Event): event is End {
  return event.type === 'WorkflowCompleted' || event.type === 'WorkflowFailed' || event.type === 'WorkflowCancelled';
}
