import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#core';
import type { ReadModel } from '#projection';
import { check } from '../http/input.js';
import { pageOf, sendPage } from '../http/paging.js';
import { markLag } from '../http/read-marks.js';
import { queries } from '../http/schemas.js';
import { READ_MODEL } from '../tokens.js';
import { executionRow } from './execution-item.js';

/** Executions of all workflows. */
@Controller('api/v1/executions')
export class ExecutionSearchController {
  constructor(@Inject(READ_MODEL) private readonly readModel: ReadModel) {}

  @Get()
  async search(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly JsonObject[]> {
    const { status, workflowId, ...page } = check(queries.allExecutions, request.query, 'query');
    const filters = { ...(status === undefined ? {} : { status }), ...(workflowId === undefined ? {} : { workflowId }) };
    const [found] = await Promise.all([this.readModel.executions({ ...pageOf(page), ...filters }), markLag(reply, this.readModel)]);
    return sendPage(request, reply, found).map((item) => ({
      workflowId: item.workflowId,
      workflowName: item.workflowName,
      ...executionRow(item),
    }));
  }
}
