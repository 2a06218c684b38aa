import type { Settings } from './settings.js';

const everyAddress = /^(0\.0\.0\.0|::)$/;
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
  problems.push(...portProblems(settings), ...detectorProblems(settings));
  const sasl = [settings.MILLRACE_KAFKA_SASL_MECHANISM, settings.MILLRACE_KAFKA_SASL_USERNAME, settings.MILLRACE_KAFKA_SASL_PASSWORD];
  if (sasl.some((part) => part !== undefined) && sasl.includes(undefined)) {
    problems.push('MILLRACE_KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD: give all three or none');
  }
  return problems;
}

/** Fixed ports of one engine must differ where they share an address. */
function portProblems(settings: Settings): string[] {
  const { MILLRACE_ENGINE_PORT: engine, MILLRACE_LIVENESS_PORT: liveness, MILLRACE_ADMIN_PORT: admin } = settings;
  const problems: string[] = [];
  if (liveness !== 0 && liveness === engine) problems.push('MILLRACE_LIVENESS_PORT: must differ from MILLRACE_ENGINE_PORT');
  const hosts = [settings.MILLRACE_ADMIN_HOST, settings.MILLRACE_ENGINE_HOST];
  const isShared = hosts[0] === hosts[1] || hosts.some((host) => everyAddress.test(host));
  if (isShared && admin !== 0 && (admin === engine || admin === liveness))
    problems.push('MILLRACE_ADMIN_PORT: must differ from MILLRACE_ENGINE_PORT and MILLRACE_LIVENESS_PORT on the same address');
  return problems;
}

/** The session time-out is the net under the failure detector, so the detector has to be quicker. */
function detectorProblems(settings: Settings): string[] {
  if (!settings.MILLRACE_FAILURE_DETECTOR) return [];
  const { MILLRACE_PING_INTERVAL_MS: interval, MILLRACE_SESSION_TIMEOUT_MS: session, MILLRACE_STALL_AFTER_MS: stall } = settings;
  const problems: string[] = [];
  if (interval * settings.MILLRACE_MISSED_PINGS >= session)
    problems.push('MILLRACE_PING_INTERVAL_MS: times MILLRACE_MISSED_PINGS must be below MILLRACE_SESSION_TIMEOUT_MS');
  if (stall >= session) problems.push('MILLRACE_STALL_AFTER_MS: must be below MILLRACE_SESSION_TIMEOUT_MS');
  const end = settings.MILLRACE_END_STALLED_AFTER_MS;
  if (end !== 0 && end <= stall)
    problems.push('MILLRACE_END_STALLED_AFTER_MS: must be 0 or above MILLRACE_STALL_AFTER_MS: others take over first');
  if (stall < interval * 3) problems.push('MILLRACE_STALL_AFTER_MS: must be at least three times MILLRACE_PING_INTERVAL_MS');
  return problems;
}
