import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Json, JsonObject } from '#core';
import { ApiError } from '../errors/api-error.js';
import { executionId, idempotencyKey, waitMs, workflowId } from './schemas.js';

/** Checks a part of a request; throws a 400 that lists every problem as `{path, code, message}`. `where` begins the paths, unless it is the body. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, where: '' | 'query' | 'path' | 'header'): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => ({
    path: pathText(issue.path, where),
    code: issue.code.toUpperCase(),
    message: issue.message,
  }));
  const first = problems.slice(0, 3).map((problem) => (problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`));
  throw new ApiError('INVALID_REQUEST', `the request is not valid: ${first.join('; ')}`, { details: problems });
}

function pathText(path: readonly PropertyKey[], where: string): string {
  let text = where;
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}

/** A path parameter. */
export function param<Schema extends z.ZodType>(request: FastifyRequest, name: string, schema: Schema): z.output<Schema> {
  const value = (request.params as Record<string, unknown>)[name];
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError('INVALID_REQUEST', `${name} ${JSON.stringify(value)} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}

/** The path parameters `id` and `eid`. */
export function executionIds(request: FastifyRequest): { readonly id: string; readonly eid: string } {
  return { id: param(request, 'id', workflowId), eid: param(request, 'eid', executionId) };
}

/** The body as a JSON object; `check` has looked at its fields. */
export function objectBody(request: FastifyRequest): JsonObject {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError('INVALID_REQUEST', 'the body must be a JSON object, sent with Content-Type: application/json');
  return body as JsonObject; // it came out of JSON.parse
}

/** The body as any JSON; `undefined` when there is none. */
export function jsonBody(request: FastifyRequest): Json | undefined {
  return request.body as Json | undefined; // it came out of JSON.parse
}

/** The value of `Idempotency-Key`, if sent. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const value = request.headers['idempotency-key'];
  return value === undefined ? undefined : check(idempotencyKey, value, 'header');
}

/** Whether `Prefer: respond-async` was sent. */
export function prefersAsync(request: FastifyRequest): boolean {
  const value = request.headers.prefer;
  return value !== undefined && /(^|[,;\s])respond-async($|[,;\s])/i.test([value].flat().join(','));
}

/** `?wait=` in milliseconds; undefined when absent. */
export function waitOf(query: { readonly wait?: string | undefined }): number | undefined {
  if (query.wait === undefined) return undefined;
  const ms = waitMs(query.wait);
  if (ms === undefined) throw new ApiError('INVALID_REQUEST', 'wait must be at most 5m');
  return ms;
}
