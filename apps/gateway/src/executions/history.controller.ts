import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReadModel } from '#projection';
import type { OwnerQuery } from '#protocol';
import { ApiError } from '../errors/api-error.js';
import { check, executionIds, param } from '../http/input.js';
import { markLag } from '../http/read-marks.js';
import { queries, workflowId } from '../http/schemas.js';
import type { EntityReads } from '../owners/entity-reads.js';
import { READ_MODEL, READS } from '../tokens.js';

/** The history API of the single-node engine, answered from the read model. */
@Controller('api/history/:id')
export class HistoryController {
  constructor(
    @Inject(READS) private readonly reads: EntityReads,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
  ) {}

  @Get()
  history(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const id = param(request, 'id', workflowId);
    return this.#answer(reply, { kind: 'workflow', workflowId: id }, () => this.readModel.history(id));
  }

  @Get('status')
  status(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const id = param(request, 'id', workflowId);
    return this.#answer(reply, { kind: 'workflow', workflowId: id }, () => this.readModel.historyStatus(id));
  }

  @Get('execution/:eid')
  execution(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const { id, eid } = executionIds(request);
    return this.#answer(reply, { kind: 'execution', workflowId: id, executionId: eid }, () => this.readModel.historyExecution(id, eid));
  }

  @Get('timeline')
  async timeline(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const id = param(request, 'id', workflowId);
    const { executionId: eid } = check(queries.timeline, request.query, 'query');
    if (eid !== undefined) {
      return this.#answer(reply, { kind: 'execution', workflowId: id, executionId: eid }, () => this.readModel.timeline(id, eid));
    }
    await markLag(reply, this.readModel);
    const newest = await this.readModel.timeline(id);
    if (newest) return newest;
    await this.reads.confirmExists({ kind: 'workflow', workflowId: id });
    throw new ApiError('EXECUTION_NOT_FOUND', `workflow ${JSON.stringify(id)} has no execution yet`, { workflowId: id });
  }

  /** A miss may only mean that the read model is behind: the owner decides between 404 and "ask again". */
  async #answer(reply: FastifyReply, query: OwnerQuery, read: () => Promise<unknown>): Promise<unknown> {
    await markLag(reply, this.readModel);
    const found = await read();
    if (found !== undefined) return found;
    await this.reads.confirmExists(query);
    return (await pollFor(read)) ?? this.#behind(query);
  }

  #behind(query: OwnerQuery): never {
    const message = 'the history does not show this yet: the projector is behind or away; try again';
    throw new ApiError('POSTGRES_UNAVAILABLE', message, { workflowId: query.workflowId });
  }
}

/** Up to two seconds: lists follow the log within one. */
async function pollFor(read: () => Promise<unknown>): Promise<unknown> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const found = await read();
    if (found !== undefined) return found;
  }
  return undefined;
}
