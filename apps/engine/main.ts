import 'reflect-metadata';
import type { Server } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { settingsOrExit } from '#config';
import { CorkedJsonSocket } from '#engine-port';
import { createLogger, createRegistry, endOnUncaught, NestLogger, Readiness } from '#observability';
import { EngineModule } from './src/engine.module.js';
import { EngineRun } from './src/engine-run.js';

/** A stop that takes longer than this is ended: SIGTERM promises 10 s. */
const stopBoundMs = 9_000;

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const logger = createLogger({ level: settings.MILLRACE_LOG_LEVEL, instance: settings.MILLRACE_INSTANCE_ID, app: 'engine' });
  endOnUncaught(logger);
  const registry = createRegistry();
  const readiness = new Readiness();
  const failed = (error: unknown): void => {
    logger.fatal({ err: error }, 'the engine cannot go on');
    process.exitCode = 1;
    void stop('failure');
  };
  const engine = new EngineRun({ settings, logger, registry, readiness, failed });
  const module = EngineModule.with({ logger, registry, readiness, engine });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: new NestLogger(logger) });
  const port = app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.TCP,
    options: { host: settings.MILLRACE_ENGINE_HOST, port: settings.MILLRACE_ENGINE_PORT, socketClass: CorkedJsonSocket },
  });

  let stopping = false;
  async function stop(reason: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => process.exit(), stopBoundMs).unref();
    await engine.stop().catch((error: unknown) => logger.error({ err: error }, 'the hand-off was not clean'));
    await app.close().catch((error: unknown) => logger.error({ err: error }, 'the stop was not clean'));
    logger.info('stopped');
    process.exit();
  }
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));

  await app.startAllMicroservices();
  await app.listen(settings.MILLRACE_ADMIN_PORT, settings.MILLRACE_ADMIN_HOST);
  const address = `${settings.MILLRACE_ENGINE_HOST}:${boundPort(port.unwrap<Server>())}`;
  logger.info({ admin: await app.getUrl(), address }, 'engine started');
  engine.start(address);
}

/** The port that the kernel gave where the setting was 0. */
function boundPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the engine port is not listening');
  return address.port;
}

await main();
