import pino, { type Logger, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  readonly instance: string;
  readonly app: string;
}

/** JSON lines on stdout: `time, level, msg, instance, app` and whatever the line adds (contract §7). */
export function createLogger(options: LoggerOptions): Logger {
  return pino({
    level: options.level,
    base: { instance: options.instance, app: options.app },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
