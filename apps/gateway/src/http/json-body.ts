import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isNestedDeeper, maxJsonDepth } from '#protocol';
import { ApiError } from '../errors/api-error.js';

/** Makes JSON the only body type (415 otherwise). An empty body is `undefined`; text that is not JSON is a 400 that says where. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>(/^application\/(?:[a-z0-9.+-]*\+)?json(?:;|$)/i, { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') return done(null, undefined);
    if (isNestedDeeper(body, maxJsonDepth))
      return done(new ApiError('INVALID_REQUEST', `the body is nested deeper than ${maxJsonDepth} levels`));
    return parse(request as FastifyRequest, body, (error, value) =>
      error ? done(new ApiError('INVALID_REQUEST', whyNotJson(error))) : done(null, value),
    );
  });
}

function whyNotJson(error: Error): string {
  return `the body is not JSON that can be read: ${error.message}`;
}
