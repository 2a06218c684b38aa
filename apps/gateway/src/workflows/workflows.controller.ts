import { Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#core';
import type { ReadModel, WorkflowItem } from '#projection';
import { callOptionsOf } from '../http/call-options.js';
import { check, objectBody, param } from '../http/input.js';
import { pageOf, sendPage } from '../http/paging.js';
import { marked, markLag } from '../http/read-marks.js';
import { definition, queries, workflowId } from '../http/schemas.js';
import type { EntityReads } from '../owners/entity-reads.js';
import type { DefinitionChecker } from '../ports/definition-checker.js';
import { CHECKER, NODE_TYPES, READ_MODEL, READS, WORKFLOW_COMMANDS } from '../tokens.js';
import type { WorkflowCommands } from './workflow-commands.js';

@Controller('api/v1/workflows')
export class WorkflowsController {
  constructor(
    @Inject(WORKFLOW_COMMANDS) private readonly commands: WorkflowCommands,
    @Inject(READS) private readonly reads: EntityReads,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(CHECKER) private readonly checker: DefinitionChecker,
    @Inject(NODE_TYPES) private readonly nodeTypeList: JsonObject,
  ) {}

  @Post()
  @HttpCode(201)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const { validate } = check(queries.write, request.query, 'query');
    const given = givenDefinition(request);
    const answer = await this.commands.create(given, validate === 'strict', callOptionsOf(request));
    reply.header('Location', `/api/v1/workflows/${encodeURIComponent(String(answer.workflowId))}`);
    return answer;
  }

  @Post('validate')
  @HttpCode(200)
  validate(@Req() request: FastifyRequest): JsonObject {
    const problems = this.checker.problemsOf(objectBody(request)).map((problem) => ({ ...problem }));
    return { valid: problems.length === 0, problems };
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly unknown[]> {
    const { tag, state, q, fields, ...page } = check(queries.workflows, request.query, 'query');
    const summary = fields === 'summary';
    const filters = { ...(tag === undefined ? {} : { tag }), ...(state === undefined ? {} : { state }), ...(q === undefined ? {} : { q }) };
    const [found] = await Promise.all([this.readModel.workflows({ ...pageOf(page), ...filters, summary }), markLag(reply, this.readModel)]);
    return sendPage(request, reply, found).map(summary ? summaryOf : (item) => item.definition);
  }

  @Get('node-types')
  nodeTypes(): JsonObject {
    return this.nodeTypeList;
  }

  @Get(':id')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const id = param(request, 'id', workflowId);
    const view = await this.reads.read({ kind: 'workflow', workflowId: id }, async () => {
      const item = await this.readModel.workflow(id);
      return item && { definition: item.definition ?? {}, version: item.version };
    });
    const { definition: stored, version } = marked(reply, view);
    reply.header('X-Workflow-Version', String(version));
    return stored;
  }

  @Put(':id')
  async update(@Req() request: FastifyRequest): Promise<JsonObject> {
    const { validate } = check(queries.write, request.query, 'query');
    return this.commands.update(param(request, 'id', workflowId), givenDefinition(request), validate === 'strict', callOptionsOf(request));
  }

  @Delete(':id')
  async remove(@Req() request: FastifyRequest): Promise<JsonObject> {
    const { force, drain } = check(queries.remove, request.query, 'query');
    const how = force === 'true' ? 'force' : drain === 'true' ? 'drain' : undefined;
    return this.commands.remove(param(request, 'id', workflowId), how, callOptionsOf(request));
  }

  @Get(':id/status')
  async status(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const id = param(request, 'id', workflowId);
    return marked(reply, await this.reads.read({ kind: 'workflowStatus', workflowId: id }, () => this.readModel.workflowStatus(id)));
  }
}

/** The definition exactly as sent: the check only looks at it. */
function givenDefinition(request: FastifyRequest): JsonObject {
  const given = objectBody(request);
  check(definition, given, '');
  return given;
}

function summaryOf(item: WorkflowItem): Omit<WorkflowItem, 'workflowId' | 'definition' | 'partition'> & { readonly id: string } {
  const { workflowId: id, definition: _definition, partition: _partition, ...rest } = item;
  return { id, ...rest };
}
