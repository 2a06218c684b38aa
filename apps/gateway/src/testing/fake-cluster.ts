import type { JsonObject } from '#core';
import {
  type AcceptAnswer,
  type AcceptRequest,
  acceptPattern,
  type CommandEnvelope,
  type EnginePartition,
  type EnginePattern,
  engineStatusPattern,
  type OwnerAnswer,
  type OwnerQueryRequest,
  parseCommand,
  type Reply,
} from '#protocol';
import { TransientError } from '#runtime';
import type { CommandSender, OutgoingCommand, SendOutcome } from '../ports/command-sender.js';
import type { OwnerChannel } from '../ports/owner-channel.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';
import type { ReplySource } from '../ports/reply-source.js';

const partitions = 8;
type Answer = { readonly ok: true; readonly result: JsonObject } | Extract<Reply, { ok: false }>['error'] | 'silence';

/** Kafka and engines as the gateway sees them: one engine that owns everything, until a test says otherwise. Sent commands must parse as an engine parses them. */
export class FakeCluster implements CommandSender, ReplySource, OwnerDirectory, OwnerChannel {
  readonly topic = 'workflow.replies';
  readonly partition = 3;
  readonly partitions = partitions;
  readonly sent: OutgoingCommand[] = [];
  readonly commands: CommandEnvelope[] = [];
  readonly asked: { readonly address: string; readonly request: OwnerQueryRequest; readonly timeoutMs: number }[] = [];
  engine: EngineMember | undefined = member('engine-1', '127.0.0.1:7001');
  kafkaTrouble: string | undefined;
  sendOutcome: SendOutcome = { status: 'durable' };
  /** Workflows whose executions are spread: replies say so. */
  readonly spread = new Set<string>();
  /** What the engine replies to a command. */
  decide: (command: CommandEnvelope) => Answer = () => ({ ok: true, result: {} });
  /** What the owner answers to a query. */
  query: (request: OwnerQueryRequest) => OwnerAnswer | 'silence' = () => ({ status: 'notFound' });
  /** How the engine says that its partitions stand. */
  standings: () => readonly EnginePartition[] = () => Array.from({ length: partitions - 1 }, (_, partition) => standing(partition));
  /** What the owner answers to an acceptance. */
  accept: (request: AcceptRequest) => AcceptAnswer | 'silence' = () => ({ status: 'notOwner' });
  #listener: ((correlationId: string, reply: Reply) => void) | undefined;

  async send(outgoing: OutgoingCommand): Promise<SendOutcome> {
    this.sent.push(outgoing);
    const encode = (text: string) => new TextEncoder().encode(text);
    const parsed = parseCommand(encode(outgoing.key), encode(JSON.stringify(outgoing.command)));
    if (!parsed.ok) throw new Error(`the gateway sent what no engine would take: ${parsed.message}`);
    this.commands.push(parsed.command);
    if (this.sendOutcome.status === 'durable') queueMicrotask(() => this.#reply(parsed.command, outgoing.reply?.correlationId));
    return this.sendOutcome;
  }

  onReply(listener: (correlationId: string, reply: Reply) => void): void {
    this.#listener = listener;
  }

  ownerOf(): EngineMember | undefined {
    return this.engine;
  }

  members(): readonly EngineMember[] {
    return this.engine ? [this.engine] : [];
  }

  trouble(): string | undefined {
    return this.kafkaTrouble;
  }

  async refresh(): Promise<void> {
    await Promise.resolve();
  }

  async request(address: string, pattern: EnginePattern, data: unknown, timeoutMs: number): Promise<unknown> {
    if (pattern === engineStatusPattern) return { ...engineStatus(address), partitions: this.standings() };
    const answer =
      pattern === acceptPattern ? this.accept(data as AcceptRequest) : this.#queried(address, data as OwnerQueryRequest, timeoutMs);
    if (answer === 'silence') throw new TransientError(`no answer within ${timeoutMs} ms`);
    return answer;
  }

  #queried(address: string, request: OwnerQueryRequest, timeoutMs: number): OwnerAnswer | 'silence' {
    this.asked.push({ address, request, timeoutMs });
    return this.query(request);
  }

  #reply(command: CommandEnvelope, correlationId: string | undefined): void {
    const answer = this.decide(command);
    if (answer === 'silence' || correlationId === undefined) return;
    const { commandId, workflowId } = command;
    const head = { commandId, workflowId, ...(this.spread.has(workflowId) ? { sharding: 'execution' as const } : {}) };
    const reply: Reply = 'ok' in answer ? { ...head, ...answer } : { ...head, ok: false, error: answer };
    this.#listener?.(correlationId, reply);
  }
}

/** An engine that owns every partition. */
export function member(instanceId: string, address: string): EngineMember {
  return { memberId: `${instanceId}-m`, instanceId, address, partitions: Array.from({ length: partitions }, (_, partition) => partition) };
}

/** A partition as its owner describes it: active, unless a spec says otherwise. */
export function standing(partition: number, other: Partial<EnginePartition> = {}): EnginePartition {
  return { partition, state: 'active', epoch: '7.ab', since: 1, lag: 2, hotEntities: 3, runningExecutions: 1, ...other };
}

function engineStatus(address: string): JsonObject {
  return {
    instance: 'engine-1',
    address,
    cpu: 0.5,
    rssBytes: 1_000,
    heapBytes: 500,
    eventLoopDelayMs: 1,
    executionsRunning: 7,
    stageSlots: { total: 4, running: 1, waiting: 0 },
  };
}
