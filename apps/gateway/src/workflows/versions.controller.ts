import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ReadModel, VersionItem } from '#projection';
import { ApiError } from '../errors/api-error.js';
import { param } from '../http/input.js';
import { markLag } from '../http/read-marks.js';
import { workflowId } from '../http/schemas.js';
import type { EntityReads } from '../owners/entity-reads.js';
import { READ_MODEL, READS } from '../tokens.js';

const versionNumber = z.string().regex(/^[1-9]\d{0,8}$/, 'must be a version number: 1, 2, …');

/** Versions never change, so the read model may serve them; what it does not hold yet is asked of the owner. */
@Controller('api/v1/workflows/:id/versions')
export class VersionsController {
  constructor(
    @Inject(READS) private readonly reads: EntityReads,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly unknown[]> {
    const id = param(request, 'id', workflowId);
    await markLag(reply, this.readModel);
    const versions = await this.readModel.versions(id);
    if (versions) return versions.map(withoutDefinition);
    const { version, definition } = await this.reads.confirmExists({ kind: 'workflow', workflowId: id });
    reply.header('X-Read-From', 'owner');
    return [{ version, definition }].map(({ definition: _definition, ...rest }) => rest);
  }

  @Get(':version')
  async one(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const id = param(request, 'id', workflowId);
    const version = Number(param(request, 'version', versionNumber));
    const found = await this.readModel.version(id, version);
    if (found) return found.definition;
    const newest = await this.reads.confirmExists({ kind: 'workflow', workflowId: id });
    reply.header('X-Read-From', 'owner');
    if (newest.version === version) return newest.definition;
    const again = await this.readModel.version(id, version);
    if (again) return again.definition;
    throw new ApiError('VERSION_NOT_FOUND', `workflow ${JSON.stringify(id)} has no version ${version}`, { workflowId: id });
  }
}

function withoutDefinition(item: VersionItem): Omit<VersionItem, 'definition'> {
  const { definition: _definition, ...rest } = item;
  return rest;
}
