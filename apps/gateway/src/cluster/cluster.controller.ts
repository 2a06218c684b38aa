import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#core';
import type { PartitionCounts, ReadModel } from '#projection';
import { partitionOf } from '#protocol';
import { ApiError } from '../errors/api-error.js';
import { check, param } from '../http/input.js';
import { pageOf, sendPage } from '../http/paging.js';
import { markLag } from '../http/read-marks.js';
import { queries, workflowId } from '../http/schemas.js';
import type { OwnerDirectory } from '../ports/owner-directory.js';
import { CLUSTER, DIRECTORY, IDENTITY, READ_MODEL } from '../tokens.js';
import { eventBody } from './cluster-events.js';
import type { ClusterView } from './cluster-view.js';
import { shardsBody } from './shards.js';
import { type ClusterIdentity, statsBody } from './stats.js';

/** Who owns what, live from the consumer group and the engines; entity counts come from the read model. */
@Controller('api/v1/cluster')
export class ClusterController {
  constructor(
    @Inject(CLUSTER) private readonly cluster: ClusterView,
    @Inject(DIRECTORY) private readonly directory: OwnerDirectory,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(IDENTITY) private readonly identity: ClusterIdentity,
  ) {}

  @Get('shards')
  async shards(@Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const [reports, counts] = await Promise.all([this.#reports(), this.#counts(reply)]);
    return shardsBody(this.directory, reports, counts);
  }

  @Get('stats')
  async stats(@Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const [reports, counts] = await Promise.all([this.#reports(), this.#counts(reply)]);
    return statsBody(this.identity, this.directory, reports, counts);
  }

  @Get('events')
  async events(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly JsonObject[]> {
    const { kind, shardId, ...page } = check(queries.clusterEvents, request.query, 'query');
    const filters = { ...(kind === undefined ? {} : { kind }), ...(shardId === undefined ? {} : { partition: Number(shardId) }) };
    const [found] = await Promise.all([this.readModel.clusterEvents({ ...pageOf(page), ...filters }), markLag(reply, this.readModel)]);
    return sendPage(request, reply, found).map(eventBody);
  }

  @Get('workflow/:id/location')
  async location(@Req() request: FastifyRequest): Promise<JsonObject> {
    const id = param(request, 'id', workflowId);
    const shardId = partitionOf(id, this.directory.partitions);
    if (!this.directory.ownerOf(shardId)) await this.directory.refresh();
    const owner = this.directory.ownerOf(shardId);
    if (owner) return { workflowId: id, shardId, nodeAddress: owner.address, instance: owner.instanceId };
    this.#refuseWithoutView();
    throw new ApiError('NO_OWNER', `no engine owns partition ${shardId} now; try again in a moment`, { workflowId: id });
  }

  async #reports() {
    await this.directory.refresh();
    this.#refuseWithoutView();
    return this.cluster.reports();
  }

  #refuseWithoutView(): void {
    const trouble = this.directory.trouble();
    if (trouble !== undefined) throw new ApiError('KAFKA_UNAVAILABLE', `Kafka cannot be asked: ${trouble}`);
  }

  /** Without Postgres the owners are still worth knowing: counts are then absent, and the header says so. */
  async #counts(reply: FastifyReply): Promise<ReadonlyMap<number, PartitionCounts>> {
    try {
      return await this.readModel.workflowCounts();
    } catch {
      reply.header('X-Counts', 'unavailable');
      return new Map();
    }
  }
}
