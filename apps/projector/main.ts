import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { settingsOrExit } from '#config';
import { createLogger, createRegistry, endOnUncaught, NestLogger, projectorMetrics, Readiness } from '#observability';
import { connectToEvents } from './src/connect-to-events.js';
import { ProjectorModule } from './src/projector.module.js';
import { ProjectorRun } from './src/projector-run.js';

/** A stop that takes longer than this is ended: SIGTERM promises 10 s. */
const stopBoundMs = 9_000;

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const logger = createLogger({ level: settings.MILLRACE_LOG_LEVEL, instance: settings.MILLRACE_INSTANCE_ID, app: 'projector' });
  endOnUncaught(logger);
  const registry = createRegistry();
  const readiness = new Readiness();
  const postgres = {
    url: settings.MILLRACE_POSTGRES_URL,
    schema: settings.MILLRACE_POSTGRES_SCHEMA,
    applicationName: `millrace-projector-${settings.MILLRACE_INSTANCE_ID}`,
  };
  const failed = (error: unknown): void => {
    logger.fatal({ err: error }, 'the projector cannot go on');
    process.exitCode = 1;
    void stop('failure');
  };
  const connect = () => connectToEvents(settings, logger);
  const run = new ProjectorRun({ postgres, connect, readiness, logger, metrics: projectorMetrics(registry), failed });
  const module = ProjectorModule.with({ logger, registry, readiness, run });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: new NestLogger(logger) });

  let stopping = false;
  async function stop(reason: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => process.exit(), stopBoundMs).unref();
    await app.close().catch((error: unknown) => logger.error({ err: error }, 'the stop was not clean'));
    logger.info('stopped');
    process.exit();
  }
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));

  await app.listen(settings.MILLRACE_ADMIN_PORT, settings.MILLRACE_ADMIN_HOST);
  logger.info({ admin: await app.getUrl() }, 'projector started');
}

await main();
