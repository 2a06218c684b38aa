import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSpread, type JsonObject } from '#core';
import type { PartitionCounts, ReadModel } from '#projection';
import { byExecution, byWorkflow, executionPartitionOf, partitionOf } from '#protocol';
import { ApiError } from '../errors/api-error.js';
import { check, param } from '../http/input.js';
import { pageOf, sendPage } from '../http/paging.js';
import { markLag } from '../http/read-marks.js';
import { queries, workflowId } from '../http/schemas.js';
import type { EntityReads } from '../owners/entity-reads.js';
import type { OwnerDirectory } from '../ports/owner-directory.js';
import { CLUSTER, DIRECTORY, IDENTITY, READ_MODEL, READS } from '../tokens.js';
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
    @Inject(READS) private readonly reads: EntityReads,
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
    const { executionId } = check(queries.location, request.query, 'query');
    const shardId = executionId === undefined ? partitionOf(id, this.directory.partitions) : await this.#shardOf(id, executionId);
    if (!this.directory.ownerOf(shardId)) await this.directory.refresh();
    const owner = this.directory.ownerOf(shardId);
    const named = executionId === undefined ? {} : { executionId };
    if (owner) return { workflowId: id, ...named, shardId, nodeAddress: owner.address, instance: owner.instanceId };
    this.#refuseWithoutView();
    throw new ApiError('NO_OWNER', `no engine owns partition ${shardId} now; try again in a moment`, { workflowId: id });
  }

  /** By the workflow's strategy, as its owner says; that of an unknown workflow is the default. */
  async #shardOf(id: string, executionId: string): Promise<number> {
    const query = { kind: 'workflow', workflowId: id } as const;
    const { view } = await this.reads.read(query, async () => {
      const item = await this.readModel.workflow(id);
      return item && { definition: item.definition ?? {} };
    });
    const strategy = isSpread(view.definition) ? byExecution : byWorkflow;
    return executionPartitionOf(strategy, { workflowId: id, executionId }, this.directory.partitions);
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
