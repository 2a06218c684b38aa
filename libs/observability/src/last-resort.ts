import type { Logger } from './logger.js';

/**
 * An error that nobody caught leaves the process in no known state: it is logged and the process ends with 1, so that others take
 * over. Without this, Node ends it too, but in words that no log reader understands.
 */
export function endOnUncaught(logger: Pick<Logger, 'fatal'>, end: (code: number) => void = (code) => process.exit(code)): () => void {
  const uncaught = (error: unknown) => {
    logger.fatal({ event: 'process.failed', err: error }, 'an error that nobody caught: the process ends');
    end(1);
  };
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
  return () => {
    process.off('uncaughtException', uncaught);
    process.off('unhandledRejection', uncaught);
  };
}
