import type { FastifyInstance } from 'fastify';
import type { GatewayMetrics } from '#observability';

/** Counts and times every request by route template; paths that no route takes share one label. */
export function measureRequests(fastify: FastifyInstance, metrics: GatewayMetrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const path = request.routeOptions.url ?? 'unmatched';
    const { method } = request;
    metrics.requests.inc({ method, path, status: reply.statusCode });
    metrics.requestDuration.observe({ method, path }, reply.elapsedTime / 1_000);
    done();
  });
}
