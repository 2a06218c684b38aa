import type { Settings } from './settings.js';

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Rules over several settings. Returns one text per problem. */
export function checkTogether(settings: Settings): string[] {
  const problems: string[] = [];
  if (settings.MILLRACE_REPLICATION_FACTOR === 1 && settings.MILLRACE_ENV === 'prod' && !settings.MILLRACE_ALLOW_SINGLE_REPLICA) {
    problems.push(
      'MILLRACE_REPLICATION_FACTOR: 1 loses data with its broker; use 3, or set MILLRACE_ENV=dev, or MILLRACE_ALLOW_SINGLE_REPLICA=true',
    );
  }
  if (!loopback.test(settings.MILLRACE_ENGINE_HOST) && settings.MILLRACE_CLUSTER_SECRET === undefined) {
    problems.push('MILLRACE_CLUSTER_SECRET: is required where MILLRACE_ENGINE_HOST is not loopback');
  }
  if (settings.MILLRACE_DEDUPE_WINDOW > settings.MILLRACE_RETENTION) {
    problems.push('MILLRACE_DEDUPE_WINDOW: must not be longer than MILLRACE_RETENTION');
  }
  const sasl = [settings.MILLRACE_KAFKA_SASL_MECHANISM, settings.MILLRACE_KAFKA_SASL_USERNAME, settings.MILLRACE_KAFKA_SASL_PASSWORD];
  if (sasl.some((part) => part !== undefined) && sasl.includes(undefined)) {
    problems.push('MILLRACE_KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD: give all three or none');
  }
  return problems;
}
