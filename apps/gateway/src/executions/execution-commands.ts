import type { Json, JsonObject } from '#core';
import { resultOrThrow } from '../commands/answer.js';
import type { CommandBody, CommandGateway } from '../commands/command-gateway.js';
import { commandIdOfKey } from '../commands/command-ids.js';
import { hasEnded, type OwnerClient } from '../owners/owner-client.js';
import type { CallOptions } from '../workflows/workflow-commands.js';

/** An answer whose HTTP status depends on how things went. */
export interface StatusAnswer {
  readonly status: 200 | 202;
  readonly body: JsonObject;
}

/** What an execute request may carry. */
export interface ExecuteRequest {
  readonly input?: Json | undefined;
  readonly executionId?: string | undefined;
  readonly version?: number | undefined;
}

/** Executions: start, cancel, signal. Answers are the bodies of contract §3; refusals throw ApiError. */
export class ExecutionCommands {
  constructor(
    private readonly commands: Pick<CommandGateway, 'call' | 'submit'>,
    private readonly owners: Pick<OwnerClient, 'result'>,
  ) {}

  /** Starts an execution and answers once its start is durable; with `waitMs` once it has ended, or 202 when that takes longer. */
  async execute(workflowId: string, request: ExecuteRequest, waitMs: number | undefined, options: CallOptions): Promise<StatusAnswer> {
    const outcome = await this.commands.call(executeCommand(workflowId, request, options), options.traceparent);
    const result = resultOrThrow(outcome, workflowId);
    if (waitMs === undefined) return { status: 200, body: started(workflowId, result) };
    return this.result(workflowId, String(result.executionId), waitMs, started(workflowId, result));
  }

  /** Answers 202 once the command is durable, whoever owns the partition. */
  async executeAsync(workflowId: string, request: ExecuteRequest, options: CallOptions): Promise<StatusAnswer> {
    const outcome = await this.commands.submit(executeCommand(workflowId, request, options), options.traceparent);
    if (outcome.status !== 'durable') resultOrThrow(outcome, workflowId);
    const { commandId } = outcome;
    const note = `the command is durable; GET /api/v1/commands/${encodeURIComponent(commandId)} says what became of it`;
    const named = request.executionId === undefined ? {} : { executionId: request.executionId };
    return { status: 202, body: { message: 'Workflow execution accepted', workflowId, ...named, commandId, status: 'accepted', note } };
  }

  /** 200 with the output of an ended execution, 202 while it runs. `fallback` is the body when nobody can be asked. */
  async result(workflowId: string, executionId: string, waitMs: number, fallback: JsonObject): Promise<StatusAnswer> {
    const outcome = await this.owners.result(workflowId, executionId, waitMs);
    if (outcome.status !== 'found') return { status: 202, body: fallback };
    return resultAnswer(workflowId, executionId, outcome.view);
  }

  /** Cancels an execution; an ended one is a 409. */
  async cancel(workflowId: string, executionId: string, options: CallOptions): Promise<JsonObject> {
    const result = await this.#call({ type: 'CancelExecution', workflowId, data: { executionId } }, options);
    return { message: 'Execution cancelled', workflowId, executionId, status: 'cancelled', ...result };
  }

  /** Delivers a signal; one that comes before its wait is kept. */
  async signal(
    workflowId: string,
    executionId: string,
    signal: { name: string; payload: Json },
    options: CallOptions,
  ): Promise<JsonObject> {
    const data = { executionId, ...signal } as DataOf<'SignalExecution'>; // zod's Json is ours, only not readonly
    const result = await this.#call({ type: 'SignalExecution', workflowId, data }, options);
    return { message: 'Signal delivered', workflowId, executionId, signal: signal.name, ...result };
  }

  async #call(command: CommandBody, options: CallOptions): Promise<JsonObject> {
    const withId = { ...command, commandId: keyed(command.type, command.workflowId, options) };
    return resultOrThrow(await this.commands.call(withId, options.traceparent), command.workflowId);
  }
}

type DataOf<Type extends CommandBody['type']> = Extract<CommandBody, { type: Type }>['data'];

function keyed(operation: string, workflowId: string, options: CallOptions): string | undefined {
  return options.idempotencyKey === undefined ? undefined : commandIdOfKey(operation, workflowId, options.idempotencyKey);
}

function executeCommand(workflowId: string, request: ExecuteRequest, options: CallOptions): CommandBody {
  const { executionId, input, version } = request;
  const data = {
    ...(executionId === undefined ? {} : { executionId }),
    ...(input === undefined ? {} : { input }),
    ...(version === undefined ? {} : { version }),
  };
  const commandId = keyed('ExecuteWorkflow', workflowId, options);
  return { type: 'ExecuteWorkflow', workflowId, data: data as DataOf<'ExecuteWorkflow'>, commandId };
}

function started(workflowId: string, result: JsonObject): JsonObject {
  const note = 'the start is durable; the execution goes on whatever happens to this engine';
  return { message: 'Workflow execution started', ...result, workflowId, status: 'started', note };
}

/** The body of `/result` and of `execute?wait=`: the end of an execution, or how it stands. */
export function resultAnswer(workflowId: string, executionId: string, view: JsonObject): StatusAnswer {
  const picked: Record<string, Json> = { executionId, workflowId, status: view.status ?? null };
  if (!hasEnded(view)) {
    if (view.waitingFor !== undefined) picked.waitingFor = view.waitingFor;
    return { status: 202, body: picked };
  }
  picked.output = view.output ?? null;
  for (const key of ['error', 'startTime', 'endTime']) {
    const value = view[key];
    if (value !== undefined) picked[key] = value;
  }
  return { status: 200, body: picked };
}
