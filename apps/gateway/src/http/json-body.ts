import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../errors/api-error.js';

/** Nesting that any of our JSON may have: deeper text would overflow the stack of whoever writes or validates it. */
export const maxJsonDepth = 200;

/** Makes JSON the only body type (415 otherwise). An empty body is `undefined`; text that is not JSON is a 400 that says where. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>(/^application\/(?:[a-z0-9.+-]*\+)?json(?:;|$)/i, { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') return done(null, undefined);
    if (isTooDeep(body)) return done(new ApiError('INVALID_REQUEST', `the body is nested deeper than ${maxJsonDepth} levels`));
    return parse(request as FastifyRequest, body, (error, value) =>
      error ? done(new ApiError('INVALID_REQUEST', whyNotJson(error))) : done(null, value),
    );
  });
}

function whyNotJson(error: Error): string {
  return `the body is not JSON that can be read: ${error.message}`;
}

function isTooDeep(text: string): boolean {
  if (text.length <= 2 * maxJsonDepth) return false;
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (inText) {
      if (char === 0x5c) i += 1;
      else if (char === 0x22) inText = false;
    } else if (char === 0x22) inText = true;
    else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > maxJsonDepth) return true;
    } else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return false;
}
