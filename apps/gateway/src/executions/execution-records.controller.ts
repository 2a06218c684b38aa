import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#core';
import type { ReadModel } from '#projection';
import { check, executionIds, waitOf } from '../http/input.js';
import { markLag } from '../http/read-marks.js';
import { queries } from '../http/schemas.js';
import { type EntityReads, type EntityView, notFound, unanswered } from '../owners/entity-reads.js';
import type { AskOutcome, OwnerClient } from '../owners/owner-client.js';
import type { ExecutionLogs } from '../ports/execution-logs.js';
import { EXECUTION_LOGS, OWNERS, READ_MODEL, READS } from '../tokens.js';
import { resultAnswer } from './execution-commands.js';

const maxLogLines = 10_000;
const defaultEvents = 1_000;

/** What an execution leaves behind: logs, events, its result. */
@Controller('api/v1/workflows/:id/executions/:eid')
export class ExecutionRecordsController {
  constructor(
    @Inject(OWNERS) private readonly owners: OwnerClient,
    @Inject(READS) private readonly reads: EntityReads,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(EXECUTION_LOGS) private readonly executionLogs: ExecutionLogs,
  ) {}

  @Get('logs')
  async logs(@Req() request: FastifyRequest): Promise<JsonObject> {
    const { id, eid } = executionIds(request);
    const lines = await this.executionLogs.linesOf(id, eid, maxLogLines);
    if (lines.length === 0) await this.#confirmExists(id, eid);
    return { executionId: eid, logs: lines.map((line) => `[${new Date(line.at).toISOString()}] ${line.text}`) };
  }

  @Get('events')
  async events(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly unknown[]> {
    const { id, eid } = executionIds(request);
    const { limit, after } = check(queries.events, request.query, 'query');
    const most = limit === undefined ? defaultEvents : Number(limit);
    const [events] = await Promise.all([this.readModel.events(id, eid, Number(after ?? 0), most), markLag(reply, this.readModel)]);
    if (events.length === 0) await this.#confirmExists(id, eid);
    const last = events.at(-1);
    if (last && events.length === most) {
      const path = request.url.split('?', 1)[0];
      reply.header('Link', `<${path}?limit=${most}&after=${last.seq}>; rel="next"`).header('X-Next-Cursor', String(last.seq));
    }
    return events;
  }

  @Get('result')
  async result(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const { id, eid } = executionIds(request);
    const waitMs = waitOf(check(queries.result, request.query, 'query')) ?? 0;
    const outcome = await this.owners.result(id, eid, waitMs);
    if (outcome.status === 'notFound') throw notFound({ kind: 'execution', workflowId: id, executionId: eid });
    const { view, from } = outcome.status === 'found' ? { view: outcome.view, from: 'owner' } : await this.#standIn(id, eid, outcome);
    const answer = resultAnswer(id, eid, view);
    reply.status(answer.status).header('X-Read-From', from);
    return answer.body;
  }

  /** What the read model knows of an execution whose owner is away; throws the owner's trouble where it knows nothing. */
  async #standIn(id: string, eid: string, outcome: Extract<AskOutcome, { status: 'unanswered' }>): Promise<EntityView> {
    const view = outcome.code === 'SHUTTING_DOWN' ? undefined : await this.readModel.execution(id, eid).catch(() => undefined);
    if (view === undefined) throw unanswered({ workflowId: id }, outcome);
    return { view, from: 'read-model' };
  }

  async #confirmExists(id: string, eid: string): Promise<void> {
    await this.reads.confirmExists({ kind: 'execution', workflowId: id, executionId: eid });
  }
}
