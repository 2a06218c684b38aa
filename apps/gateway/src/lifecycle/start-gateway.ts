import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#config';
import type { JsonObject } from '#core';
import { createNodeCatalog, loadUserNodes } from '#nodes';
import { createRegistry, gatewayMetrics, type Logger, Readiness, waitFor } from '#observability';
import { systemClock } from '#runtime';
import { CompilingChecker } from '../adapters/compiling-checker.js';
import { openKafka } from '../adapters/open-kafka.js';
import { PostgresReads } from '../adapters/postgres-reads.js';
import { TcpOwnerChannel } from '../adapters/tcp-owner-channel.js';
import { ClusterView } from '../cluster/cluster-view.js';
import { Halts } from '../cluster/halts.js';
import { CommandGateway } from '../commands/command-gateway.js';
import { createGatewayApp } from '../create-app.js';
import type { GatewayParts } from '../gateway-parts.js';
import { EntityReads } from '../owners/entity-reads.js';
import { OwnerClient } from '../owners/owner-client.js';
import { OwnerStandings } from '../owners/owner-standings.js';
import { SpreadHints } from '../owners/spread-hints.js';
import { KafkaSide } from './kafka-side.js';

/** Well under the second in which a partition without owner must be answered (contract §3). */
const ownerPatienceMs = 700;
const attemptTimeoutMs = 1_500;
const hedgeMs = 1_000;
const sliceMs = 5_000;
const maxPending = 20_000;
const watchEveryMs = 500;

/** A gateway that serves; what it cannot do yet it answers with 503. */
export interface RunningGateway {
  readonly url: string;
  /** Rejects when it cannot go on: topics that differ, a database of another make. */
  readonly failed: Promise<never>;
  /** Ends intake, lets what is on its way end, disconnects. Waits for answers at most the request time-out. */
  stop(): Promise<void>;
}

/** Starts the gateway: it listens at once, and reaches Kafka and Postgres in their own time. */
export async function startGateway(settings: Settings, logger: Logger, version: string): Promise<RunningGateway> {
  const catalog = createNodeCatalog({ userNodes: await loadUserNodes(settings.MILLRACE_NODES_DIR) });
  const checker = new CompilingChecker(catalog);
  const kafka = new KafkaSide(settings.MILLRACE_PARTITIONS, (listener) => openKafka(settings, logger, listener));
  const postgres = new PostgresReads(postgresSettings(settings), {
    planOf: (workflowId, item) => checker.planOf(workflowId, item.version, item.definition),
  });
  const channel = new TcpOwnerChannel();
  const readiness = new Readiness();
  const parts = assemble({
    settings,
    kafka,
    postgres,
    channel,
    readiness,
    logger,
    checker,
    version,
    nodeTypes: asJson(catalog.describe()),
  });
  const { app } = await createGatewayApp(parts);
  const stopping = new AbortController();
  const surroundings = { readiness, logger, signal: stopping.signal };
  const reachKafka = waitFor({ name: 'kafka', attempt: () => kafka.connect() }, surroundings);
  const reachPostgres = waitFor({ name: 'postgres', attempt: () => postgres.open() }, surroundings);
  const watching = reachKafka.then(() => watchKafka(kafka, readiness, stopping.signal));
  const failed = failureOf([watching, reachPostgres], stopping.signal);
  await app.listen(settings.MILLRACE_HTTP_PORT, settings.MILLRACE_HTTP_HOST);
  const stop = () => stopGateway({ app, parts, kafka, postgres, channel, stopping });
  return { url: await app.getUrl(), failed, stop };
}

interface Sides {
  readonly settings: Settings;
  readonly kafka: KafkaSide;
  readonly postgres: PostgresReads;
  readonly channel: TcpOwnerChannel;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly checker: CompilingChecker;
  readonly version: string;
  readonly nodeTypes: JsonObject;
}

function assemble(sides: Sides): GatewayParts {
  const { settings, kafka, postgres, channel, readiness, logger, checker, version, nodeTypes } = sides;
  const registry = createRegistry();
  const metrics = gatewayMetrics(registry);
  const requestTimeoutMs = settings.MILLRACE_REQUEST_TIMEOUT_MS;
  const observe = (operation: string, durationMs: number) => metrics.routingLatency.observe({ operation }, durationMs / 1_000);
  const correlationPrefix = `${settings.MILLRACE_INSTANCE_ID}.${randomBytes(4).toString('hex')}`;
  const secret = settings.MILLRACE_CLUSTER_SECRET;
  const standings = new OwnerStandings({ channel, directory: kafka, clock: systemClock }, secret);
  const hints = new SpreadHints();
  const commands = new CommandGateway(
    { sender: kafka, replies: kafka, directory: kafka, standings, clock: systemClock, hints, observe },
    { correlationPrefix, requestTimeoutMs, ownerPatienceMs, maxPending },
  );
  const owners = new OwnerClient(
    { channel, directory: kafka, clock: systemClock, hints },
    { attemptTimeoutMs, ownerPatienceMs, sliceMs, requestTimeoutMs, secret },
  );
  return {
    commands,
    owners,
    reads: new EntityReads(owners, { requestTimeoutMs, hedgeMs: Math.min(hedgeMs, requestTimeoutMs) }),
    readModel: postgres.readModel,
    executionLogs: postgres,
    directory: kafka,
    cluster: new ClusterView(channel, kafka, secret),
    halts: new Halts(channel, kafka, { requestTimeoutMs, secret }),
    checker,
    nodeTypes,
    identity: { clusterName: settings.MILLRACE_GROUP_ID, selfAddress: `${settings.MILLRACE_HTTP_HOST}:${settings.MILLRACE_HTTP_PORT}` },
    version,
    logger,
    registry,
    metrics,
    readiness,
    bodyLimitBytes: settings.MILLRACE_HTTP_BODY_LIMIT,
  };
}

function postgresSettings(settings: Settings) {
  return {
    url: settings.MILLRACE_POSTGRES_URL,
    schema: settings.MILLRACE_POSTGRES_SCHEMA,
    applicationName: `millrace-gateway-${settings.MILLRACE_INSTANCE_ID}`,
  };
}

/** Not ready while Kafka cannot be asked: nothing could be accepted. Postgres is only waited for at the start, because commands and status go on without it. */
function watchKafka(kafka: KafkaSide, readiness: Readiness, signal: AbortSignal): void {
  const timer = setInterval(() => readiness.set('kafka', kafka.trouble()), watchEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** Only a fatal error counts: the stop, too, ends the trying. */
function failureOf(efforts: readonly Promise<void>[], signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const effort of efforts)
      effort.catch((error: unknown) => {
        if (!signal.aborted) reject(error);
      });
  });
}

interface Stoppable {
  readonly app: NestFastifyApplication;
  readonly parts: GatewayParts;
  readonly kafka: KafkaSide;
  readonly postgres: PostgresReads;
  readonly channel: TcpOwnerChannel;
  readonly stopping: AbortController;
}

/** Stop intake, drain, disconnect. */
async function stopGateway({ app, parts, kafka, postgres, channel, stopping }: Stoppable): Promise<void> {
  parts.readiness.set('gateway', 'is stopping');
  stopping.abort();
  parts.commands.stopIntake();
  parts.owners.stopWaiting();
  await parts.commands.drained();
  await app.close();
  channel.close();
  await kafka.close();
  await postgres.close();
}

function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
