import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#core';
import { check, objectBody, param } from '../http/input.js';
import { acceptBody, queries, shardId } from '../http/schemas.js';
import { HALTS } from '../tokens.js';
import type { Halts } from './halts.js';

/** What only an operator may decide about a partition. */
@Controller('api/v1/cluster/shards/:id')
export class HaltsController {
  constructor(@Inject(HALTS) private readonly halts: Halts) {}

  @Post('accept')
  @HttpCode(200)
  accept(@Req() request: FastifyRequest): Promise<JsonObject> {
    check(queries.none, request.query, 'query');
    const id = Number(param(request, 'id', shardId));
    return this.halts.accept(id, check(acceptBody, objectBody(request), ''));
  }
}
