import type { JsonObject } from '#core';
import { resultOrThrow } from '../commands/answer.js';
import type { CommandBody, CommandGateway } from '../commands/command-gateway.js';
import { commandIdOfKey, newWorkflowId } from '../commands/command-ids.js';
import { ApiError } from '../errors/api-error.js';
import type { EntityReads } from '../owners/entity-reads.js';

/** What comes with a request besides its body. */
export interface CallOptions {
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string | undefined;
}

/** Definitions: create, change, delete. Answers are the bodies of contract §3; refusals throw ApiError. */
export class WorkflowCommands {
  constructor(
    private readonly commands: Pick<CommandGateway, 'call'>,
    private readonly reads: Pick<EntityReads, 'runningOnShards'>,
  ) {}

  /** Stores a new workflow; an invalid graph becomes a draft, or a 400 with `strict`. */
  async create(given: JsonObject, strict: boolean, options: CallOptions): Promise<JsonObject> {
    const id = given.id;
    const workflowId = typeof id === 'string' ? id : newWorkflowId(options.idempotencyKey);
    const definition = { ...given, id: workflowId };
    const data = { definition, ...(strict ? { strict } : {}) };
    const result = await this.#call({ type: 'CreateWorkflow', workflowId, data }, options, strict);
    return { message: 'Workflow created', ...result, workflowId, scheduleStatus: scheduleStatusOf(given) };
  }

  /** Stores a new version. */
  async update(workflowId: string, given: JsonObject, strict: boolean, options: CallOptions): Promise<JsonObject> {
    if (given.id !== undefined && given.id !== workflowId) {
      const message = `the definition's id ${JSON.stringify(given.id)} is not the one in the path, ${JSON.stringify(workflowId)}`;
      throw new ApiError('ID_MISMATCH', message, { workflowId });
    }
    const definition = { ...given, id: workflowId };
    const data = { definition, ...(strict ? { strict } : {}) };
    const result = await this.#call({ type: 'UpdateWorkflow', workflowId, data }, options, strict);
    return { message: 'Workflow updated', ...result, workflowId, scheduleStatus: scheduleStatusOf(given) };
  }

  /**
   * Deletes a workflow without running executions; `force` cancels them, `drain` lets them end by themselves. Of one whose executions are
   * spread the owners are asked before, since no partition knows of all: what starts between the question and the deletion is not cancelled.
   */
  async remove(workflowId: string, how: 'force' | 'drain' | undefined, options: CallOptions): Promise<JsonObject> {
    const runningElsewhere = how === undefined ? await this.reads.runningOnShards(workflowId) : undefined;
    const asked = runningElsewhere === undefined ? {} : { runningElsewhere };
    const data = how === undefined ? {} : { [how]: true };
    const result = await this.#call({ type: 'DeleteWorkflow', workflowId, data, ...asked }, options, false);
    return { message: 'Workflow deleted', ...result, workflowId };
  }

  async #call(command: CommandBody, options: CallOptions, strict: boolean): Promise<JsonObject> {
    const { workflowId } = command;
    const { idempotencyKey: key } = options;
    const commandId = key === undefined ? undefined : commandIdOfKey(command.type, workflowId, key);
    return resultOrThrow(await this.commands.call({ ...command, commandId }, options.traceparent), workflowId, strict);
  }
}

/** Schedules are kept with the definition, and not yet started by this version: say so rather than nothing. */
function scheduleStatusOf(definition: JsonObject): string {
  const metadata = definition.metadata as JsonObject | null | undefined;
  const schedule = metadata?.schedule as JsonObject | null | undefined;
  return typeof schedule === 'object' && schedule !== null && schedule.enabled === true ? 'unsupported' : 'none';
}
