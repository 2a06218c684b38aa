import { setTimeout as delay } from 'node:timers/promises';
import { type DrawnWorkflow, signalName } from '../program/drawn-workflow.js';
import type { Step, Story } from '../program/story.js';
import { commandIdOf } from './command-id.js';
import { callHttp, type HttpCall } from './http-way.js';
import type { KafkaWay } from './kafka-way.js';
import { type Answered, commandTypes, type Entry, isUndecided, type Ledger, type Operation } from './ledger.js';

/** What callers need; `url` is the gateway's at the time. */
export interface CallerTools {
  readonly url: () => string;
  readonly kafka: KafkaWay;
  readonly ledger: Ledger;
  /** Told of an execution as soon as a caller knows that it has been started. */
  readonly onStarted: (workflowId: string, executionId: string) => void;
}

/** How often a request without a definite answer is repeated, with the same key. */
const repeats = 20;
const pauseBetweenMs = 400;

interface Command {
  readonly operation: Operation;
  readonly workflowId: string;
  readonly mark: string;
  readonly executionId?: string | undefined;
  readonly keyed: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly http: HttpCall;
  readonly mayBeRefusedWith: readonly string[];
}

/** Lives through stories, one step after the other. Never rejects for what a gateway answers: that is for the checker. */
export class Caller {
  #subject: { readonly workflowId: string; readonly executionId: string | undefined } | undefined;

  constructor(
    private readonly tools: CallerTools,
    private readonly isOver: () => boolean,
  ) {}

  async live(story: Story): Promise<void> {
    this.#subject = undefined;
    for (const step of story) {
      if (this.isOver()) return;
      if (!(await this.#take(step))) return; // nothing certain to build on
    }
  }

  async #take(step: Step): Promise<boolean> {
    switch (step.do) {
      case 'rest':
        await delay(step.ms);
        return true;
      case 'create':
      case 'update':
        return this.#write(step.do, step.workflow, step.mark);
      case 'delete':
        return this.#delete(step);
      case 'execute':
        return this.#execute(step);
      case 'signal':
      case 'cancel':
        return this.#toExecution(step);
    }
  }

  async #write(operation: 'create' | 'update', { definition }: DrawnWorkflow, mark: string): Promise<boolean> {
    const marked = { ...definition, author: mark };
    const path = operation === 'create' ? '/api/v1/workflows' : `/api/v1/workflows/${definition.id}`;
    const http: HttpCall = { method: operation === 'create' ? 'POST' : 'PUT', path, body: marked };
    const command = { operation, workflowId: definition.id, mark, keyed: true, data: { definition: marked }, http, mayBeRefusedWith: [] };
    return (await this.#http(command)).some(({ status }) => status === 200 || status === 201);
  }

  async #delete({ workflowId, force, mark }: Extract<Step, { do: 'delete' }>): Promise<boolean> {
    const http: HttpCall = { method: 'DELETE', path: `/api/v1/workflows/${workflowId}${force ? '?force=true' : ''}` };
    const mayBeRefusedWith = force ? [] : ['WORKFLOW_HAS_RUNNING_EXECUTIONS'];
    await this.#http({ operation: 'delete', workflowId, mark, keyed: true, data: { force }, http, mayBeRefusedWith });
    return true;
  }

  async #execute(step: Extract<Step, { do: 'execute' }>): Promise<boolean> {
    const workflowId = step.workflow.definition.id;
    const executionId = step.ownId ? `e-${step.mark}` : undefined;
    const data = { ...(executionId === undefined ? {} : { executionId }), input: { n: step.n } };
    const headers: Record<string, string> = step.way === 'async' ? { prefer: 'respond-async' } : {};
    const http: HttpCall = { method: 'POST', path: `/api/v1/workflows/${workflowId}/execute`, body: data, headers };
    const keyed = step.keyed;
    const command = { operation: 'execute', workflowId, mark: step.mark, executionId, keyed, data, http, mayBeRefusedWith: [] } as const;
    const entry = this.#open(command);
    await this.#send(entry, command, step.way === 'kafka' ? 'kafka' : 'http', step.twins);
    const named = entry.answers.find(({ status }) => status === 200)?.body.executionId;
    if (typeof named === 'string') {
      entry.executionId = named;
      this.tools.onStarted(workflowId, named);
    }
    this.#subject = { workflowId, executionId: entry.executionId };
    return (
      entry.answers.some(({ status }) => status === 200) ||
      (entry.executionId !== undefined && entry.answers.some(({ status }) => status === 202))
    );
  }

  async #toExecution(step: Extract<Step, { do: 'signal' | 'cancel' }>): Promise<boolean> {
    const { workflowId, executionId } = this.#subject ?? {};
    if (workflowId === undefined || executionId === undefined) return false;
    const at = `/api/v1/workflows/${workflowId}/executions/${executionId}`;
    const signal = step.do === 'signal';
    const payload = { mark: step.mark };
    const http: HttpCall = { method: 'POST', path: signal ? `${at}/signal/${signalName}` : `${at}/cancel`, body: signal ? payload : {} };
    const data = signal ? { executionId, name: signalName, payload } : { executionId };
    const command = { operation: step.do, workflowId, mark: step.mark, executionId, keyed: true, data, http } as const;
    const entry = this.#open({ ...command, mayBeRefusedWith: ['EXECUTION_FINISHED'] });
    await this.#send(entry, command, step.way, 0);
    return true;
  }

  #open({ mark, operation, workflowId, executionId, keyed, mayBeRefusedWith }: Omit<Command, 'data' | 'http'>): Entry {
    const commandId = keyed ? commandIdOf(commandTypes[operation], workflowId, mark) : undefined;
    return this.tools.ledger.open({ mark, operation, workflowId, executionId, commandId, mayBeRefusedWith });
  }

  async #http(command: Command): Promise<readonly Answered[]> {
    const entry = this.#open(command);
    await this.#send(entry, command, 'http', 0);
    return entry.answers;
  }

  /** Repeats until the answer is definite, for as long as that may take; without a key it asks once. */
  async #send(entry: Entry, command: Omit<Command, 'mayBeRefusedWith'>, way: 'http' | 'kafka', twins: number): Promise<void> {
    const once = () => this.#once(entry, command, way);
    await Promise.all([once(), ...Array.from({ length: twins }, once)]);
    for (let i = 0; command.keyed && i < repeats && !this.isOver(); i += 1) {
      if (entry.answers.some((answer) => !isUndecided(answer) || answer.status === 202)) return;
      await delay(pauseBetweenMs);
      await once();
    }
  }

  async #once(entry: Entry, command: Omit<Command, 'mayBeRefusedWith'>, way: 'http' | 'kafka'): Promise<void> {
    if (way === 'kafka') {
      const { workflowId, data } = command;
      const sent = { commandId: entry.commandId ?? entry.mark, type: commandTypes[command.operation], workflowId, data };
      await this.tools.kafka.send(sent, (answer) => entry.answers.push(answer));
      return;
    }
    const key: Record<string, string> = command.keyed ? { 'idempotency-key': command.mark } : {};
    const answer = await callHttp(this.tools.url(), { ...command.http, headers: { ...command.http.headers, ...key } });
    if (typeof answer.body.commandId === 'string') entry.commandId ??= answer.body.commandId;
    entry.answers.push(answer);
  }
}
