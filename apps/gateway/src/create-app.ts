import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { NestLogger } from '#observability';
import { ApiError } from './errors/api-error.js';
import { ErrorFilter } from './errors/error.filter.js';
import { errorBody } from './errors/error-body.js';
import { GatewayModule } from './gateway.module.js';
import type { GatewayParts } from './gateway-parts.js';
import { measureRequests } from './http/http-metrics.js';
import { acceptJsonOnly } from './http/json-body.js';
import { RouteTable } from './http/route-table.js';

/** The gateway's HTTP application, initialised and not yet listening; `routes` lists what it serves. */
export async function createGatewayApp(parts: GatewayParts): Promise<{ app: NestFastifyApplication; routes: RouteTable }> {
  const routes = new RouteTable();
  const adapter = new FastifyAdapter({
    bodyLimit: parts.bodyLimitBytes,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    frameworkErrors: answerFrameworkError,
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', (route) => routes.add(route.method, route.url));
  measureRequests(fastify, parts.metrics);
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(parts), adapter, {
    logger: new NestLogger(parts.logger),
    bodyParser: false,
    abortOnError: false,
  });
  acceptJsonOnly(fastify);
  app.useGlobalFilters(new ErrorFilter(routes, (error, request) => parts.logger.error({ err: error, ...request }, 'a request broke')));
  await app.init();
  await fastify.ready();
  return { app, routes };
}

/** What the router refuses before any route is chosen. */
function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.statusCode === 414;
  const text = isTooLong ? 'a part of the path is too long' : `the path cannot be read: ${error.message}`;
  const answer = new ApiError(isTooLong ? 'URI_TOO_LONG' : 'INVALID_REQUEST', text);
  reply.status(answer.status).send(errorBody(answer));
}
