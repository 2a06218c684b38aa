import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#core';
import type { ReadModel } from '#projection';
import { callOptionsOf } from '../http/call-options.js';
import { check, executionIds, jsonBody, param, prefersAsync, waitOf } from '../http/input.js';
import { pageOf, sendPage } from '../http/paging.js';
import { marked, markLag } from '../http/read-marks.js';
import { executeBody, queries, signalName, workflowId } from '../http/schemas.js';
import type { EntityReads } from '../owners/entity-reads.js';
import { EXECUTION_COMMANDS, READ_MODEL, READS } from '../tokens.js';
import type { ExecutionCommands } from './execution-commands.js';
import { executionRow } from './execution-item.js';
import { signalPayload } from './signal-payload.js';

@Controller('api/v1/workflows/:id')
export class ExecutionsController {
  constructor(
    @Inject(EXECUTION_COMMANDS) private readonly commands: ExecutionCommands,
    @Inject(READS) private readonly reads: EntityReads,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
  ) {}

  @Post('execute')
  @HttpCode(200)
  execute(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    return this.#execute(request, reply);
  }

  /** The old name of the same operation. */
  @Post('execute-es')
  @HttpCode(200)
  executeEventSourced(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    return this.#execute(request, reply);
  }

  @Get('executions')
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly JsonObject[]> {
    const id = param(request, 'id', workflowId);
    const { status, ...page } = check(queries.executions, request.query, 'query');
    const query = { workflowId: id, ...pageOf(page), ...(status === undefined ? {} : { status }) };
    const [found] = await Promise.all([this.readModel.executions(query), markLag(reply, this.readModel)]);
    if (found.items.length === 0) await this.reads.confirmExists({ kind: 'workflow', workflowId: id });
    return sendPage(request, reply, found).map(executionRow);
  }

  @Get('executions/:eid')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const { id, eid } = executionIds(request);
    const query = { kind: 'execution', workflowId: id, executionId: eid } as const;
    return marked(reply, await this.reads.read(query, () => this.readModel.execution(id, eid)));
  }

  @Post('executions/:eid/cancel')
  @HttpCode(200)
  cancel(@Req() request: FastifyRequest): Promise<JsonObject> {
    const { id, eid } = executionIds(request);
    return this.commands.cancel(id, eid, callOptionsOf(request));
  }

  @Post('executions/:eid/signal/:name')
  @HttpCode(200)
  signal(@Req() request: FastifyRequest): Promise<JsonObject> {
    const { id, eid } = executionIds(request);
    const signal = { name: param(request, 'name', signalName), payload: signalPayload(jsonBody(request)) };
    return this.commands.signal(id, eid, signal, callOptionsOf(request));
  }

  async #execute(request: FastifyRequest, reply: FastifyReply): Promise<JsonObject> {
    const id = param(request, 'id', workflowId);
    const waitMs = waitOf(check(queries.execute, request.query, 'query'));
    const body = check(executeBody, jsonBody(request) ?? {}, '');
    const options = callOptionsOf(request);
    const isAsync = prefersAsync(request);
    const answer = isAsync ? await this.commands.executeAsync(id, body, options) : await this.commands.execute(id, body, waitMs, options);
    if (isAsync) {
      reply.header('Preference-Applied', 'respond-async');
      reply.header('Location', `/api/v1/commands/${encodeURIComponent(String(answer.body.commandId))}`);
    }
    reply.status(answer.status);
    return answer.body;
  }
}
