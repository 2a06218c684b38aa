import type { Json, JsonObject } from '#core';
import type { OwnerQuery } from '#protocol';
import { ApiError } from '../errors/api-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { type AskOutcome, hasEnded, type OwnerClient } from './owner-client.js';
import { isOfSpread, spreadStatus } from './spread-status.js';

/** A view and where it came from: the owner's confirmed state, or the read model that follows it. */
export interface EntityView {
  readonly view: JsonObject;
  readonly from: 'owner' | 'read-model';
}

export interface EntityReadsSettings {
  readonly requestTimeoutMs: number;
  /** How long the owner is asked before the read model may answer instead. */
  readonly hedgeMs: number;
}

/**
 * Reads of one entity (design §8): the owner answers; while it is away the read model does, marked as such. Only the owner may
 * say that something does not exist.
 */
export class EntityReads {
  constructor(
    private readonly owners: Pick<OwnerClient, 'ask' | 'askShards'>,
    private readonly settings: EntityReadsSettings,
  ) {}

  /** `standIn` reads the same from the read model. Throws ApiError: 404 from the owner, 408 or 503 when nobody can say. */
  async read(query: OwnerQuery, standIn: () => Promise<JsonObject | undefined>): Promise<EntityView> {
    const first = await this.owners.ask(query, this.settings.hedgeMs);
    if (first.status === 'found' && isOfSpread(query, first.view)) return this.#summed(query, first.view, standIn);
    if (first.status !== 'unanswered') return viewOf(query, first);
    const stale = await fromReadModel(standIn);
    if (stale) return { view: explained(query, stale, first.message), from: 'read-model' };
    if (first.isFinal || first.code === 'NO_OWNER' || first.code === 'KAFKA_UNAVAILABLE') throw unanswered(query, first);
    return viewOf(query, await this.owners.ask(query, Math.max(1, this.settings.requestTimeoutMs - this.settings.hedgeMs)));
  }

  /** Home and shards together, or, where one of them is away, the read model. */
  async #summed(query: OwnerQuery, home: JsonObject, standIn: () => Promise<JsonObject | undefined>): Promise<EntityView> {
    const status = await spreadStatus(this.owners, query, home, this.settings.hedgeMs);
    if ('view' in status) return { view: status.view, from: 'owner' };
    const stale = await fromReadModel(standIn);
    if (stale === undefined) throw unanswered(query, status.trouble);
    return { view: stale, from: 'read-model' };
  }

  /** How many executions of a spread workflow run on other partitions than its own; undefined for any other. Throws ApiError where an owner cannot be asked. */
  async runningOnShards(workflowId: string): Promise<number | undefined> {
    const query = { kind: 'workflowStatus', workflowId } as const;
    const home = await this.owners.ask(query, this.settings.requestTimeoutMs);
    if (home.status === 'unanswered') throw unanswered(query, home);
    if (home.status !== 'found' || !isOfSpread(query, home.view)) return undefined;
    const status = await spreadStatus(this.owners, query, home.view, this.settings.requestTimeoutMs);
    if ('trouble' in status) throw unanswered(query, status.trouble);
    return Number(status.view.running) - Number(home.view.running);
  }

  /** Makes sure that a thing which a list does not hold is really unknown: returns when the owner knows it, throws 404, 408 or 503 otherwise. */
  async confirmExists(query: OwnerQuery): Promise<JsonObject> {
    return viewOf(query, await this.owners.ask(query, this.settings.requestTimeoutMs)).view;
  }
}

function viewOf(query: OwnerQuery, outcome: AskOutcome): EntityView {
  if (outcome.status === 'found') return { view: outcome.view, from: 'owner' };
  throw outcome.status === 'notFound' ? notFound(query) : unanswered(query, outcome);
}

/** An unfinished execution says also why its owner does not answer: that is what it waits for, whatever else it waits for. */
function explained(query: OwnerQuery, view: JsonObject, owner: string): JsonObject {
  if (query.kind !== 'execution' || hasEnded(view)) return view;
  const undecided = { kind: 'owner', detail: owner, howToUnblock: 'nothing to do: the next owner goes on from here' };
  const waitingFor = isObject(view.waitingFor) ? { ...view.waitingFor, owner } : undecided;
  return { ...view, waitingFor };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A stand-in that cannot be asked either is no answer: the owner's trouble is what the caller hears about. */
async function fromReadModel(standIn: () => Promise<JsonObject | undefined>): Promise<JsonObject | undefined> {
  try {
    return await standIn();
  } catch (error) {
    if (error instanceof Error && error.name === 'TransientError') return undefined;
    throw error;
  }
}

/** The 404 of a query that the owner answered with "not found". */
export function notFound(query: OwnerQuery): ApiError {
  const { workflowId } = query;
  if (query.kind === 'workflow' || query.kind === 'workflowStatus')
    return new ApiError('WORKFLOW_NOT_FOUND', `there is no workflow ${JSON.stringify(workflowId)}`, { workflowId });
  const message = `there is no execution ${JSON.stringify(query.executionId)} of workflow ${JSON.stringify(workflowId)}`;
  return new ApiError('EXECUTION_NOT_FOUND', message, { workflowId });
}

/** The 408 or 503 of a query that nobody answered. */
export function unanswered(
  query: { readonly workflowId: string },
  outcome: { readonly code: ErrorCode; readonly message: string },
): ApiError {
  return new ApiError(outcome.code, outcome.message, { workflowId: query.workflowId });
}
