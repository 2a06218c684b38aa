import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { settingsOrExit } from '#config';
import { createLogger, endOnUncaught, type Logger } from '#observability';
import { type RunningGateway, startGateway } from './src/lifecycle/start-gateway.js';

/** A stop that takes longer than this is ended: SIGTERM promises 10 s. */
const stopBoundMs = 9_000;

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const logger = createLogger({ level: settings.MILLRACE_LOG_LEVEL, instance: settings.MILLRACE_INSTANCE_ID, app: 'gateway' });
  endOnUncaught(logger);
  try {
    const gateway = await startGateway(settings, logger, productVersion());
    logger.info({ url: gateway.url }, 'gateway started');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(gateway, logger, signal));
    await gateway.failed;
  } catch (error) {
    logger.fatal({ err: error }, 'the gateway cannot go on');
    process.exit(1);
  }
}

let isStopping = false;

async function stop(gateway: RunningGateway, logger: Logger, reason: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  logger.info({ reason }, 'stopping');
  setTimeout(() => process.exit(0), stopBoundMs).unref();
  await gateway.stop().catch((error: unknown) => logger.error({ err: error }, 'the stop was not clean'));
  logger.info('stopped');
  process.exit(0);
}

/** From the package.json of the repository, three levels above `dist/apps/gateway/`. */
function productVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

await main();
