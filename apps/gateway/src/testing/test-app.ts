import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Problem } from '#core';
import { createLogger, createRegistry, gatewayMetrics, Readiness } from '#observability';
import type { ReadModel } from '#projection';
import type { Clock } from '#runtime';
import { ClusterView } from '../cluster/cluster-view.js';
import { Halts } from '../cluster/halts.js';
import { CommandGateway } from '../commands/command-gateway.js';
import { createGatewayApp } from '../create-app.js';
import type { RouteTable } from '../http/route-table.js';
import { EntityReads } from '../owners/entity-reads.js';
import { OwnerClient } from '../owners/owner-client.js';
import { OwnerStandings } from '../owners/owner-standings.js';
import { SpreadHints } from '../owners/spread-hints.js';
import type { ExecutionLogs } from '../ports/execution-logs.js';
import { FakeCluster } from './fake-cluster.js';
import { emptyReadModel } from './fake-read-model.js';

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly routes: RouteTable;
  readonly cluster: FakeCluster;
  readonly readiness: Readiness;
  readonly commands: CommandGateway;
  /** What the injected read model answers; replace methods at will. */
  readonly readModel: ReadModel & { -readonly [Name in keyof ReadModel]: ReadModel[Name] };
}

const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

const problemsOf = (definition: unknown): readonly Problem[] => {
  const nodes = (definition as { nodes?: unknown[] }).nodes ?? [];
  return nodes.length > 0 ? [] : [{ path: 'nodes', code: 'REQUIRED', message: 'a workflow needs a node' }];
};

/** The real HTTP side on fakes; time-outs are short. */
export async function startTestApp(executionLogs: ExecutionLogs = { linesOf: async () => [] }): Promise<TestApp> {
  const cluster = new FakeCluster();
  const readModel = emptyReadModel();
  const registry = createRegistry();
  const metrics = gatewayMetrics(registry);
  const readiness = new Readiness();
  const observe = (operation: string, ms: number) => metrics.routingLatency.observe({ operation }, ms / 1_000);
  const standings = new OwnerStandings({ channel: cluster, directory: cluster, clock: wallClock }, 'of-the-cluster-16');
  const hints = new SpreadHints();
  const commands = new CommandGateway(
    { sender: cluster, replies: cluster, directory: cluster, standings, clock: wallClock, hints, observe },
    { correlationPrefix: 'g', requestTimeoutMs: 300, ownerPatienceMs: 120, maxPending: 50 },
  );
  const owners = new OwnerClient(
    { channel: cluster, directory: cluster, clock: wallClock, hints },
    { attemptTimeoutMs: 100, ownerPatienceMs: 120, sliceMs: 200, requestTimeoutMs: 300, secret: 'of-the-cluster-16' },
  );
  const { app, routes } = await createGatewayApp({
    commands,
    owners,
    reads: new EntityReads(owners, { requestTimeoutMs: 300, hedgeMs: 100 }),
    readModel,
    executionLogs,
    directory: cluster,
    cluster: new ClusterView(cluster, cluster, undefined),
    halts: new Halts(cluster, cluster, { requestTimeoutMs: 300, secret: 'of-the-cluster-16' }),
    checker: { problemsOf },
    nodeTypes: { source: [], transform: [], sink: [], control: [], task: [] },
    identity: { clusterName: 'millrace', selfAddress: '127.0.0.1:8080' },
    version: '0.1.0',
    logger: createLogger({ level: 'silent', instance: 'g', app: 'gateway' }),
    registry,
    metrics,
    readiness,
    bodyLimitBytes: 50_000,
  });
  return { app, routes, cluster, readiness, commands, readModel };
}
