import type { FastifyRequest } from 'fastify';
import type { CallOptions } from '../workflows/workflow-commands.js';
import { idempotencyKeyOf } from './input.js';

/** Headers that go along with a command. */
export function callOptionsOf(request: FastifyRequest): CallOptions {
  const traceparent = request.headers.traceparent;
  return { idempotencyKey: idempotencyKeyOf(request), traceparent: typeof traceparent === 'string' ? traceparent : undefined };
}
