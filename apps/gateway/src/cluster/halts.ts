import type { JsonObject } from '#core';
import { type AcceptAnswer, type AcceptRequest, acceptPattern, type HaltAcceptance } from '#protocol';
import { ApiError } from '../errors/api-error.js';
import type { OwnerChannel } from '../ports/owner-channel.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';

export interface HaltsSettings {
  /** How long the owner may take: it recovers the partition meanwhile. */
  readonly requestTimeoutMs: number;
  readonly secret: string | undefined;
}

/** An operator's word on partitions that stand still (L11), brought to their owners. */
export class Halts {
  constructor(
    private readonly channel: OwnerChannel,
    private readonly directory: OwnerDirectory,
    private readonly settings: HaltsSettings,
  ) {}

  /** The body of the answer. Throws ApiError: 404, 409 where the partition does not stand still for that, 408 and 503. */
  async accept(shardId: number, acceptance: HaltAcceptance): Promise<JsonObject> {
    if (shardId >= this.directory.partitions)
      throw new ApiError('NOT_FOUND', `there is no shard ${shardId}: they are numbered 0 to ${this.directory.partitions - 1}`);
    await this.directory.refresh();
    const owner = this.#owner(shardId);
    const { secret } = this.settings;
    const request: AcceptRequest = { partition: shardId, acceptance, ...(secret === undefined ? {} : { secret }) };
    return bodyOf(shardId, acceptance, await this.#ask(owner, request));
  }

  #owner(shardId: number): EngineMember {
    const owner = this.directory.ownerOf(shardId);
    if (owner) return owner;
    const trouble = this.directory.trouble();
    if (trouble !== undefined) throw new ApiError('KAFKA_UNAVAILABLE', `Kafka cannot be asked: ${trouble}`);
    throw new ApiError('NO_OWNER', `no engine owns partition ${shardId} now; try again in a moment`);
  }

  async #ask(owner: EngineMember, request: AcceptRequest): Promise<AcceptAnswer> {
    try {
      return (await this.channel.request(owner.address, acceptPattern, request, this.settings.requestTimeoutMs)) as AcceptAnswer;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const hint = 'look at the shard, and send the same again if it still stands still: that changes nothing twice';
      throw new ApiError('TIMEOUT', `the owner at ${owner.address} did not answer (${why}): ${hint}`, { outcome: 'unknown' });
    }
  }
}

function bodyOf(shardId: number, { code }: HaltAcceptance, answer: AcceptAnswer): JsonObject {
  switch (answer.status) {
    case 'accepted': {
      const { from, state, reason, instance } = answer;
      return { message: 'Halt accepted', shardId, code, from, state, ...(reason === undefined ? {} : { reason }), instance };
    }
    case 'refused': {
      const details = { shardId, state: answer.state, ...(answer.code === undefined ? {} : { code: answer.code }) };
      throw new ApiError('HALT_MISMATCH', `nothing was accepted: ${answer.reason}`, { details });
    }
    case 'notOwner':
      throw new ApiError('OWNER_UNAVAILABLE', `partition ${shardId} is changing hands; try again in a moment`);
    default:
      throw new ApiError('OWNER_UNAVAILABLE', `the owner cannot accept now (${answer.code}): ${answer.reason}`);
  }
}
