import type { Json, JsonObject } from '#core';
import type { CommandEnvelope, Reply } from '#protocol';
import type { CancelTimer, Clock } from '#runtime';
import type { OwnerStandings } from '../owners/owner-standings.js';
import type { SpreadHints } from '../owners/spread-hints.js';
import type { CommandSender, OutgoingCommand, SendOutcome } from '../ports/command-sender.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';
import type { ReplySource } from '../ports/reply-source.js';
import { newCommandId } from './command-ids.js';
import { type CommandTarget, targetOf } from './command-target.js';
import { MoveWatch, sentAgain } from './move-watch.js';
import { type NoAnswer, noOwner, standsStill, timedOut } from './no-answer.js';
import { type PendingCommand, PendingReplies, type Settled } from './pending-replies.js';
import { RepeatBudget } from './repeat-budget.js';
import { SentCommands } from './sent-commands.js';

/** A command without what the gateway adds (times, a generated id). */
export type CommandBody = DistributiveOmit<CommandEnvelope, 'commandId' | 'issuedAt' | 'expiresAt'> & {
  readonly commandId?: string | undefined;
};
type DistributiveOmit<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;

/** How a command ended, as far as this gateway can tell. Only `unknown` leaves open whether it was or will be applied. */
export type CommandOutcome = { readonly commandId: string } & (
  | { readonly status: 'applied'; readonly result: JsonObject }
  | { readonly status: 'refused'; readonly code: string; readonly message: string; readonly details?: Json }
  | { readonly status: 'notSent'; readonly code: NotSentCode; readonly message: string }
  | ({ readonly status: 'unknown' } & NoAnswer)
);
type NotSentCode = 'NO_OWNER' | 'OWNER_UNAVAILABLE' | 'KAFKA_UNAVAILABLE' | 'RESOURCE_EXHAUSTED' | 'SHUTTING_DOWN' | 'PAYLOAD_TOO_LARGE';

export interface CommandGatewayPorts {
  readonly sender: CommandSender;
  readonly replies: ReplySource;
  readonly directory: OwnerDirectory;
  readonly standings: OwnerStandings;
  readonly clock: Clock;
  readonly hints: SpreadHints;
  /** Told of every command that was answered: for `workflow_routing_latency_seconds`. */
  readonly observe: (operation: string, durationMs: number) => void;
}

/** Milliseconds, bytes and counts. */
export interface CommandGatewaySettings {
  /** Begins every correlation id; unique for this process, so that a reply to an earlier one cannot match. */
  readonly correlationPrefix: string;
  readonly requestTimeoutMs: number;
  /** How long a command waits for its partition to get an owner before 503; well under a second (contract §3). */
  readonly ownerPatienceMs: number;
  readonly maxPending: number;
}

const sweepEveryMs = 100;

/** Sends commands and waits for their replies. Everything ends within the request time-out; nothing here rejects. */
export class CommandGateway {
  readonly #pending: PendingReplies;
  readonly #sentCommands = new SentCommands();
  readonly #budget = new RepeatBudget();
  readonly #moves: MoveWatch;
  #correlations = 0;
  #stopSweep: CancelTimer | undefined;
  #stopping = false;

  constructor(
    private readonly ports: CommandGatewayPorts,
    private readonly settings: CommandGatewaySettings,
  ) {
    this.#pending = new PendingReplies(ports.clock, settings.maxPending);
    this.#moves = new MoveWatch(ports, settings.ownerPatienceMs);
    ports.replies.onReply((correlationId, reply) => {
      learnFrom(reply, ports.hints);
      this.#pending.reply(correlationId, reply);
    });
  }

  /** Sends the command and waits for its owner's answer. Carries `expiresAt`, so that it is not applied long after the caller gave up. */
  async call(body: CommandBody, traceparent?: string): Promise<CommandOutcome> {
    const startedAt = this.ports.clock.now();
    const commandId = body.commandId ?? newCommandId(startedAt);
    const expiresAt = startedAt + this.settings.requestTimeoutMs;
    const refusal = this.#refusalBeforeSend(commandId);
    if (refusal) return refusal;
    const command = { ...body, commandId, issuedAt: startedAt, expiresAt };
    const target = targetOf(command, this.ports.hints, this.ports.directory.partitions);
    const { partition } = target;
    const owner = this.ports.directory.ownerOf(partition) ?? (await this.#awaitOwner(partition));
    if (!owner) return { commandId, status: 'notSent', ...noOwner(this.ports.directory, partition) };
    if (standsStill(this.ports.standings.last(partition))) {
      const halted = standsStill(await this.ports.standings.look(partition));
      if (halted) return { commandId, status: 'notSent', ...halted };
    }
    const correlationId = this.#nextCorrelation();
    const outgoing = this.#compose(command, target, { correlationId, traceparent });
    const remaining = expiresAt - this.ports.clock.now();
    const sentTo = { owner: owner.memberId, epoch: undefined };
    const settled = this.#pending.wait({ correlationId, outgoing, ...sentTo }, remaining);
    this.#launch(correlationId, outgoing, commandId);
    return this.#outcomeOf(commandId, partition, await settled, { operation: body.type, startedAt });
  }

  /** Sends the command and is content once it is durable. No owner is needed; without `expiresAt` it holds for the dedupe window. */
  async submit(
    body: CommandBody,
    traceparent?: string,
  ): Promise<{ readonly commandId: string; readonly status: 'durable' } | CommandOutcome> {
    const now = this.ports.clock.now();
    const commandId = body.commandId ?? newCommandId(now);
    const refusal = this.#refusalBeforeSend(commandId);
    if (refusal) return refusal;
    const command = { ...body, commandId, issuedAt: now };
    const target = targetOf(command, this.ports.hints, this.ports.directory.partitions);
    const outgoing = this.#compose(command, target, { traceparent });
    this.#sentCommands.add(commandId, body.workflowId);
    const sent = await this.ports.sender.send(outgoing);
    if (sent.status === 'durable') return { commandId, status: 'durable' };
    if (sent.status === 'notWritten') return { commandId, ...notTaken(sent) };
    return { commandId, status: 'unknown', code: 'KAFKA_UNAVAILABLE', message: `Kafka did not confirm the command: ${sent.reason}` };
  }

  /** The workflow of a command that this gateway sent lately. */
  sentFor(commandId: string): string | undefined {
    return this.#sentCommands.workflowOf(commandId);
  }

  /** Takes no new commands; those on their way are still answered. */
  stopIntake(): void {
    this.#stopping = true;
  }

  /** Resolves when nothing waits any more, at most after the request time-out. */
  async drained(): Promise<void> {
    const until = this.ports.clock.now() + this.settings.requestTimeoutMs;
    while (this.#pending.size > 0 && this.ports.clock.now() < until) await this.#pause(25);
    this.#stopSweep?.();
  }

  #refusalBeforeSend(commandId: string): CommandOutcome | undefined {
    if (this.#stopping)
      return { commandId, status: 'notSent', code: 'SHUTTING_DOWN', message: 'this gateway is stopping; ask another one' };
    if (!this.#pending.isFull) return undefined;
    const message = `${this.settings.maxPending} commands already wait for an answer; try again in a second`;
    return { commandId, status: 'notSent', code: 'RESOURCE_EXHAUSTED', message };
  }

  #compose(
    command: CommandEnvelope,
    target: CommandTarget,
    trace: { correlationId?: string; traceparent: string | undefined },
  ): OutgoingCommand {
    const { correlationId, traceparent } = trace;
    const { topic, partition: replyPartition } = this.ports.replies;
    return {
      command,
      ...target,
      ...(correlationId === undefined ? {} : { reply: { topic, partition: replyPartition, correlationId } }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  #launch(correlationId: string, outgoing: OutgoingCommand, commandId: string): void {
    this.#budget.countSend();
    this.#sentCommands.add(commandId, outgoing.command.workflowId);
    this.#send(correlationId, outgoing);
    this.#stopSweep ??= this.ports.clock.after(sweepEveryMs, () => this.#sweep());
  }

  #send(correlationId: string, outgoing: OutgoingCommand): void {
    void this.ports.sender.send(outgoing).then((outcome) => this.#pending.sent(correlationId, outcome));
  }

  /** A reply may die with its owner. The next owner remembers the command (dedupe) and gives the first answer to a repeat. */
  #sweep(): void {
    this.#stopSweep = undefined;
    for (const pending of this.#pending.values()) {
      const verdict = this.#moves.judge(pending);
      if (verdict === 'repeat') this.#repeat(pending);
      else if (verdict !== 'wait') this.#pending.giveUp(pending.correlationId, verdict);
    }
    this.#moves.ask(this.#pending.values());
    if (this.#pending.size > 0) this.#stopSweep = this.ports.clock.after(sweepEveryMs, () => this.#sweep());
  }

  #repeat(pending: PendingCommand): void {
    if (!this.#budget.take()) return;
    sentAgain(pending, this.ports);
    this.#send(pending.correlationId, pending.outgoing);
  }

  async #awaitOwner(partition: number): Promise<EngineMember | undefined> {
    const until = this.ports.clock.now() + this.settings.ownerPatienceMs;
    while (this.ports.clock.now() < until) {
      await Promise.race([this.ports.directory.refresh(), this.#pause(until - this.ports.clock.now())]);
      const owner = this.ports.directory.ownerOf(partition);
      if (owner) return owner;
      await this.#pause(50);
    }
    return undefined;
  }

  #outcomeOf(commandId: string, partition: number, settled: Settled, sent: { operation: string; startedAt: number }): CommandOutcome {
    if (settled.status === 'notWritten') return { commandId, ...notTaken(settled.sent) };
    if (settled.status === 'unanswered') return { commandId, status: 'unknown', ...this.#whyNoAnswer(partition, settled) };
    const { reply } = settled;
    this.ports.observe(sent.operation, this.ports.clock.now() - sent.startedAt);
    return reply.ok ? { commandId, status: 'applied', result: reply.result } : { commandId, status: 'refused', ...reply.error };
  }

  #whyNoAnswer(partition: number, { sent, why }: Settled & { status: 'unanswered' }): NoAnswer {
    if (why !== undefined) return why;
    if (sent?.status !== 'durable')
      return { code: 'KAFKA_UNAVAILABLE', message: `Kafka did not confirm the command: ${sent?.reason ?? 'no answer'}` };
    if (!this.ports.directory.ownerOf(partition)) return noOwner(this.ports.directory, partition);
    return timedOut(partition, this.settings.requestTimeoutMs, this.ports.standings.last(partition));
  }

  #nextCorrelation(): string {
    this.#correlations += 1;
    return `${this.settings.correlationPrefix}/${this.#correlations.toString(36)}`;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.ports.clock.after(Math.max(1, ms), resolve));
  }
}

/** Whether the workflow's executions are spread; a hint that was wrong is dropped. */
function learnFrom(reply: Reply, hints: SpreadHints): void {
  if (reply.sharding !== undefined) hints.learn(reply.workflowId);
  else if (!reply.ok && reply.error.code === 'WORKFLOW_NOT_FOUND') hints.forget(reply.workflowId);
}

function notTaken(sent: Extract<SendOutcome, { status: 'notWritten' }>): { status: 'notSent'; code: NotSentCode; message: string } {
  if (!sent.isTooLarge) return { status: 'notSent', code: 'KAFKA_UNAVAILABLE', message: `Kafka did not take the command: ${sent.reason}` };
  const message = 'the command is larger than a record may be; pass large data by reference (a file, a table)';
  return { status: 'notSent', code: 'PAYLOAD_TOO_LARGE', message };
}
