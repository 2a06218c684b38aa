import type { ShardMessage, WorkflowState } from '#core';
import { commandHeaders } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { WorkflowEntity } from '../entities/entity.js';
import type { SignalInput } from '../mailbox/inputs.js';
import type { OwnCommand } from '../ports/command-log.js';
import { Deliveries } from './deliveries.js';

export interface OutboxRooms {
  report(input: SignalInput): void;
  failed(error: unknown): void;
}

/**
 * L12: what a workflow's facts say to its shards is sent once they are confirmed, and only then marked as sent; whatever a new owner finds
 * unmarked it sends again. `commandId` = `outbox/workflow/seq/partition`, so that a repeat is known, and the fact's seq tells older from newer.
 */
export class Outbox {
  /** Shared with what is forwarded: a command that goes to a partition after a message arrives after it. */
  readonly deliveries: Deliveries;
  /** By workflow: the newest message that is on its way or sent. */
  readonly #handled = new Map<string, number>();
  /** Answers that wait until everything is sent. */
  readonly #answers = new Map<string, (() => void)[]>();

  constructor(
    readonly context: PartitionContext,
    readonly rooms: OutboxRooms,
  ) {
    this.deliveries = new Deliveries(context, (error) => rooms.failed(error));
  }

  /** The confirmed state of a workflow is new, or newly known. */
  changed({ key, workflowId, state }: WorkflowEntity): void {
    const waiting = waitingIn(state);
    const handled = this.#handled.get(workflowId) ?? 0;
    for (const message of waiting) if (message.revision > handled) this.#send(key, workflowId, message);
    if (waiting.length === 0) this.#allSent(workflowId);
  }

  /** Calls back once nothing of this workflow waits to be sent: whoever hears the answer finds its effect on every partition. At once where nothing does. */
  whenSent(workflowId: string, state: WorkflowState, answer: () => void): void {
    if (waitingIn(state).length === 0 || !this.context.rules.answerAfterSent) {
      answer();
      return;
    }
    const answers = this.#answers.get(workflowId) ?? [];
    this.#answers.set(workflowId, answers);
    answers.push(answer);
  }

  /** Memory was dropped: what is still to be sent will be found again. */
  reset(): void {
    this.#handled.clear();
    this.#answers.clear();
  }

  #send(key: string, workflowId: string, message: ShardMessage): void {
    const { revision } = message;
    this.#handled.set(workflowId, revision);
    const mark = () => this.#mark(key, workflowId, revision);
    if (!this.context.rules.sentBeforeMarked) mark();
    this.#sendToAll(workflowId, message, mark);
  }

  #sendToAll(workflowId: string, message: ShardMessage, allSent: () => void): void {
    const { settings, ports, partition: home } = this.context;
    let left = settings.partitions - 1;
    if (left === 0) allSent();
    const sent = () => {
      left -= 1;
      if (left === 0) allSent();
    };
    for (let partition = 0; partition < settings.partitions; partition += 1) {
      const command = commandOf(workflowId, message, partition);
      if (partition !== home) this.deliveries.to(partition).enqueue(() => ports.commands.send(command, partition), sent);
    }
  }

  #mark(entityKey: string, workflowId: string, revision: number): void {
    const signal = { type: 'OutboxSentReported', workflowId, revision, now: this.context.clock.now() } as const;
    this.rooms.report({ kind: 'signal', entityKey, signal });
  }

  #allSent(workflowId: string): void {
    this.#handled.delete(workflowId);
    const answers = this.#answers.get(workflowId) ?? [];
    this.#answers.delete(workflowId);
    for (const answer of answers) answer();
  }
}

function waitingIn(state: WorkflowState): readonly ShardMessage[] {
  return (state.status === 'absent' ? undefined : state.outbox) ?? [];
}

function commandOf(workflowId: string, { type, ...data }: ShardMessage, partition: number): OwnCommand {
  const commandId = `outbox/${workflowId}/${data.revision}/${partition}`;
  const headers = { [commandHeaders.route]: 'shard' };
  return { key: workflowId, value: JSON.stringify({ commandId, type, workflowId, data }), headers };
}
