import { expect, test } from 'vitest';
import { loadSettings, SettingsError } from './index.js';

const enough = { MILLRACE_KAFKA_BROKERS: '127.0.0.1:9092', MILLRACE_POSTGRES_URL: 'postgres://u@127.0.0.1/db', MILLRACE_ENV: 'dev' };

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

test('the defaults stand where only brokers and database are given', () => {
  const settings = loadSettings(enough);
  expect(settings).toMatchObject({
    MILLRACE_PARTITIONS: 32,
    MILLRACE_TOPIC_PREFIX: 'workflow',
    MILLRACE_DEDUPE_WINDOW: 86_400_000,
    MILLRACE_HTTP_PORT: 8080,
  });
  expect(Object.isFrozen(settings)).toBe(true);
});

test('every problem is listed at once, with its name', () => {
  const problems = problemsOf({ MILLRACE_PARTITIONS: 'many', MILLRACE_DEDUPE_WINDOW: '3 weeks', MILLRACE_HTTP_PROT: '1' });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'MILLRACE_KAFKA_BROKERS',
    'MILLRACE_POSTGRES_URL',
    'MILLRACE_PARTITIONS',
    'MILLRACE_DEDUPE_WINDOW',
    'MILLRACE_HTTP_PROT',
  ]);
});

test('a single replica in production needs an explicit flag', () => {
  const prod = { ...enough, MILLRACE_ENV: 'prod', MILLRACE_REPLICATION_FACTOR: '1' };
  expect(problemsOf(prod)).toHaveLength(1);
  expect(problemsOf({ ...prod, MILLRACE_ALLOW_SINGLE_REPLICA: 'true' })).toEqual([]);
});

test('an engine port off loopback needs the cluster secret', () => {
  expect(problemsOf({ ...enough, MILLRACE_ENGINE_HOST: '0.0.0.0' })[0]).toMatch(/^MILLRACE_CLUSTER_SECRET/);
});

test('an empty value counts as absent', () => {
  expect(loadSettings({ ...enough, MILLRACE_CLUSTER_SECRET: '' }).MILLRACE_CLUSTER_SECRET).toBeUndefined();
});

test('the failure detector has to be quicker than the session time-out', () => {
  const slow = { ...enough, MILLRACE_PING_INTERVAL_MS: '2000', MILLRACE_STALL_AFTER_MS: '7000' };
  expect(problemsOf(slow).map((problem) => problem.split(':')[0])).toEqual(['MILLRACE_PING_INTERVAL_MS', 'MILLRACE_STALL_AFTER_MS']);
  expect(problemsOf({ ...slow, MILLRACE_FAILURE_DETECTOR: 'off' })).toEqual([]);
  expect(problemsOf({ ...enough, MILLRACE_STALL_AFTER_MS: '500' })).toHaveLength(1);
  expect(problemsOf({ ...enough, MILLRACE_END_STALLED_AFTER_MS: '3000' })[0]).toMatch(/^MILLRACE_END_STALLED_AFTER_MS: must be 0 or above/);
  expect(problemsOf({ ...enough, MILLRACE_END_STALLED_AFTER_MS: '0' })).toEqual([]);
});

test('fixed ports of one engine differ', () => {
  const fixed = { ...enough, MILLRACE_ENGINE_PORT: '7000', MILLRACE_LIVENESS_PORT: '7000' };
  expect(problemsOf(fixed)).toHaveLength(1);
  expect(problemsOf({ ...fixed, MILLRACE_LIVENESS_PORT: '7001', MILLRACE_ADMIN_PORT: '7001' })).toHaveLength(1);
  const clash = { ...fixed, MILLRACE_LIVENESS_PORT: '7001', MILLRACE_ADMIN_PORT: '7000' };
  expect(problemsOf({ ...clash, MILLRACE_ADMIN_HOST: '0.0.0.0' })).toHaveLength(1);
  expect(problemsOf({ ...clash, MILLRACE_ADMIN_HOST: '127.0.0.2' })).toEqual([]);
});
