import { isSpread, type JsonObject } from '#core';
import { type OwnerAnswer, type OwnerQuery, type OwnerQueryRequest, partitionOf, queryPattern } from '#protocol';
import type { Clock } from '#runtime';
import type { OwnerChannel } from '../ports/owner-channel.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';
import type { SpreadHints } from './spread-hints.js';

/** What asking the owner came to: its answer, or why there is none. */
export type AskOutcome =
  | Extract<OwnerAnswer, { status: 'found' | 'notFound' }>
  | {
      readonly status: 'unanswered';
      readonly code:
        | 'SHUTTING_DOWN'
        | 'NO_OWNER'
        | 'OWNER_UNAVAILABLE'
        | 'KAFKA_UNAVAILABLE'
        | 'TIMEOUT'
        | 'QUARANTINED'
        | 'RESOURCE_EXHAUSTED';
      readonly message: string;
      /** The owner has said so and will go on saying so: asking again is no use. */
      readonly isFinal?: true;
    };

export interface OwnerClientPorts {
  readonly channel: OwnerChannel;
  readonly directory: OwnerDirectory;
  readonly clock: Clock;
  readonly hints: SpreadHints;
}

/** Milliseconds. */
export interface OwnerClientSettings {
  /** Longest wait for one answer that is not a long poll; then the owner is looked up again. */
  readonly attemptTimeoutMs: number;
  /** How long an absent owner is waited for. */
  readonly ownerPatienceMs: number;
  /** A long poll is cut into slices, so that a frozen owner is noticed. */
  readonly sliceMs: number;
  /** How long an owner that moves is looked for at the end of a long poll. */
  readonly requestTimeoutMs: number;
  readonly secret?: string | undefined;
}

type Unanswered = Extract<AskOutcome, { status: 'unanswered' }>;
type Answered = Extract<OwnerAnswer, { status: 'found' | 'notFound' }>;
type Attempt = { readonly answer: Answered } | { readonly trouble: Unanswered } | { readonly next: Target };
type Target = OwnerQueryRequest;

const pauseMs = 40;
/** What an owner says that has nothing to do with moving: it will say the same in a moment. */
const finalCodes: ReadonlySet<string> = new Set(['QUARANTINED', 'RESOURCE_EXHAUSTED', 'HALTED', 'FORBIDDEN']);

/** Asks the owner of a workflow's partition, and asks again where it has moved. Never rejects. */
export class OwnerClient {
  readonly #waits = new Set<(outcome: AskOutcome) => void>();

  constructor(
    private readonly ports: OwnerClientPorts,
    private readonly settings: OwnerClientSettings,
  ) {}

  /** Asks until there is an answer or `patienceMs` have passed; a partition without an owner is given up sooner. */
  ask(query: OwnerQuery, patienceMs: number): Promise<AskOutcome> {
    return this.#ask(this.#firstTarget(query), patienceMs);
  }

  /** The same of all partitions but the workflow's own: what its shards say, where it has any. */
  askShards(query: OwnerQuery, patienceMs: number): Promise<readonly AskOutcome[]> {
    const { partitions } = this.ports.directory;
    const home = partitionOf(query.workflowId, partitions);
    const others = Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => partition !== home);
    return Promise.all(others.map((partition) => this.#ask({ partition, query }, patienceMs)));
  }

  async #ask(first: Target, patienceMs: number): Promise<AskOutcome> {
    const { clock, directory } = this.ports;
    const startedAt = clock.now();
    let trouble: Unanswered | undefined;
    let target = first;
    do {
      const left = startedAt + patienceMs - clock.now();
      const owner = directory.ownerOf(target.partition);
      const attempt = owner ? await this.#attempt(owner, target, left) : { trouble: this.#noOwner(target.partition) };
      if ('answer' in attempt) return this.#learnt(target.query, attempt.answer);
      if ('next' in attempt) {
        target = attempt.next;
        trouble = { status: 'unanswered', code: 'TIMEOUT', message: `partition ${target.partition} could not be asked in time` };
        continue; // no circles: what home names answers for itself
      }
      trouble = attempt.trouble;
      if (trouble.isFinal) return trouble;
      await this.#lookAgain();
    } while (clock.now() - startedAt < this.#patience(trouble, patienceMs));
    return trouble;
  }

  /**
   * Waits for an execution to end, at most `waitMs`; then answers as it stands. Moves with the owner. `unanswered` only when
   * nobody could be asked at the end.
   */
  result(workflowId: string, executionId: string, waitMs: number): Promise<AskOutcome> {
    return new Promise((resolve) => {
      const end = (outcome: AskOutcome): void => {
        this.#waits.delete(end);
        resolve(outcome);
      };
      this.#waits.add(end);
      void this.#awaitResult(workflowId, executionId, waitMs).then(end);
    });
  }

  /** Ends every wait for a result: the process stops. */
  stopWaiting(): void {
    for (const end of [...this.#waits])
      end({ status: 'unanswered', code: 'SHUTTING_DOWN', message: 'this gateway is stopping; ask another one' });
  }

  async #awaitResult(workflowId: string, executionId: string, waitMs: number): Promise<AskOutcome> {
    const until = this.ports.clock.now() + waitMs;
    for (;;) {
      const left = Math.max(0, until - this.ports.clock.now());
      const slice = Math.min(left, this.settings.sliceMs);
      // A held answer may take its slice; then whoever owns the partition by then is looked for as long as for any request.
      const patienceMs = slice + this.settings.requestTimeoutMs;
      const outcome = await this.ask({ kind: 'result', workflowId, executionId, waitMs: slice }, patienceMs);
      if (outcome.status !== 'found' || left <= slice || hasEnded(outcome.view)) return outcome;
    }
  }

  /** What is said of a workflow says also whether its executions are spread. */
  #learnt(query: OwnerQuery, answer: Answered): Answered {
    const view: JsonObject = answer.status === 'found' ? answer.view : {};
    const isOfSpread = query.kind === 'workflow' ? isSpread(view.definition) : view.sharding === 'execution';
    if (isOfSpread) this.ports.hints.learn(query.workflowId);
    return answer;
  }

  /** Home, or, for an execution of a workflow that is known to be spread, where it must live. */
  #firstTarget(query: OwnerQuery): Target {
    const isSpread = 'executionId' in query && this.ports.hints.has(query.workflowId);
    return { partition: partitionOf(isSpread ? query.executionId : query.workflowId, this.ports.directory.partitions), query };
  }

  /** Home says where the execution lives; a partition that was guessed, and has no shard, says where home is. */
  #nextTarget({ partition, isHome }: Extract<OwnerAnswer, { status: 'elsewhere' }>, query: OwnerQuery): Target {
    if (isHome) this.ports.hints.forget(query.workflowId);
    else this.ports.hints.learn(query.workflowId);
    return { partition, query: isHome || !('executionId' in query) ? query : { ...query, routed: true } };
  }

  async #attempt(owner: EngineMember, target: Target, leftMs: number): Promise<Attempt> {
    const { query } = target;
    const held = query.kind === 'result' ? query.waitMs : 0;
    const timeoutMs = Math.max(50, Math.min(leftMs, held + this.settings.attemptTimeoutMs));
    const { secret } = this.settings;
    const request: OwnerQueryRequest = { ...target, ...(secret === undefined ? {} : { secret }) };
    try {
      const answer = (await this.ports.channel.request(owner.address, queryPattern, request, timeoutMs)) as OwnerAnswer;
      if (answer.status === 'elsewhere') return { next: this.#nextTarget(answer, query) };
      return this.#read(answer, owner, target.partition);
    } catch (error) {
      const message = `the owner at ${owner.address} did not answer: ${error instanceof Error ? error.message : String(error)}`;
      return { trouble: { status: 'unanswered', code: 'TIMEOUT', message } };
    }
  }

  #read(answer: Exclude<OwnerAnswer, { status: 'elsewhere' }>, owner: EngineMember, partition: number): Attempt {
    if (answer.status === 'found' || answer.status === 'notFound') return { answer };
    if (answer.status === 'notOwner')
      return { trouble: { status: 'unanswered', code: 'OWNER_UNAVAILABLE', message: `${owner.instanceId} is not the owner any more` } };
    const code = answer.code === 'QUARANTINED' || answer.code === 'RESOURCE_EXHAUSTED' ? answer.code : 'OWNER_UNAVAILABLE';
    const message = `${owner.instanceId}, which owns partition ${partition}, cannot answer now (${answer.code}): ${answer.reason}`;
    return { trouble: { status: 'unanswered', code, message, ...(finalCodes.has(answer.code) ? { isFinal: true } : {}) } };
  }

  #noOwner(partition: number): Unanswered {
    const trouble = this.ports.directory.trouble();
    if (trouble !== undefined) return { status: 'unanswered', code: 'KAFKA_UNAVAILABLE', message: `Kafka cannot be asked: ${trouble}` };
    return { status: 'unanswered', code: 'NO_OWNER', message: `no engine owns partition ${partition} now; try again in a moment` };
  }

  #patience(trouble: Unanswered, patienceMs: number): number {
    const isAbsent = trouble.code === 'NO_OWNER' || trouble.code === 'KAFKA_UNAVAILABLE';
    return isAbsent ? Math.min(patienceMs, this.settings.ownerPatienceMs) : patienceMs;
  }

  async #lookAgain(): Promise<void> {
    await Promise.race([this.ports.directory.refresh(), this.#pause(500)]);
    await this.#pause(pauseMs);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.ports.clock.after(ms, resolve));
  }
}

const endedStatuses: ReadonlySet<unknown> = new Set(['completed', 'failed', 'cancelled', 'timed_out']);

/** Whether an execution view (contract §9) shows an execution that has ended. */
export function hasEnded(view: { readonly [key: string]: unknown }): boolean {
  return endedStatuses.has(view.status);
}
