import type { FastifyReply } from 'fastify';
import type { JsonObject } from '#core';
import type { ReadModel } from '#projection';
import type { EntityView } from '../owners/entity-reads.js';

/** Marks an answer with where it came from, and unwraps it. */
export function marked(reply: FastifyReply, view: EntityView): JsonObject {
  reply.header('X-Read-From', view.from);
  return view.view;
}

/** Marks an answer from the read model with how far that is behind the log. */
export async function markLag(reply: FastifyReply, readModel: ReadModel): Promise<void> {
  const lag = await readModel.lagMs();
  reply.header('X-Read-From', 'read-model');
  reply.header('X-Read-Lag-Ms', String(Math.max(0, Math.round(lag))));
}
