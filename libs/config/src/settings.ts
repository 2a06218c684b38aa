import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { durationMs, flag, list, type SettingNote, wholeNumber } from './setting.js';

interface Field {
  readonly schema: z.ZodType;
  /** As it would stand in the environment; undefined = optional. */
  readonly fallback?: string;
  readonly note: SettingNote;
}

function field<S extends z.ZodType>(schema: S, note: SettingNote, fallback?: string): { schema: S; note: SettingNote; fallback?: string } {
  return { schema, note, ...(fallback === undefined ? {} : { fallback }) };
}

const brokers = list.pipe(z.array(z.string().regex(/^[^\s:]+:\d+$/, 'must be host:port, several separated by commas')).min(1));
const port = wholeNumber(0, 65_535);
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1–63 of A-Za-z0-9._- and begin with a letter or digit');

/** Every setting: its environment variable, meaning, unit, default, and whether all instances must agree (contract §2). */
export const fields = {
  MILLRACE_ENV: field(
    z.enum(['dev', 'test', 'prod']),
    { meaning: 'dev and test allow a single broker without replication', mustMatch: true },
    'prod',
  ),
  MILLRACE_KAFKA_BROKERS: field(brokers, { meaning: 'Kafka bootstrap servers, host:port, comma-separated', mustMatch: true }),
  MILLRACE_KAFKA_SSL: field(flag, { meaning: 'TLS to the brokers', mustMatch: false }, 'false'),
  MILLRACE_KAFKA_SASL_MECHANISM: field(z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(), {
    meaning: 'SASL mechanism; absent = none',
    mustMatch: false,
  }),
  MILLRACE_KAFKA_SASL_USERNAME: field(z.string().optional(), { meaning: 'SASL user', mustMatch: false }),
  MILLRACE_KAFKA_SASL_PASSWORD: field(z.string().optional(), { meaning: 'SASL password', mustMatch: false }),
  MILLRACE_POSTGRES_URL: field(z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'), {
    meaning: 'Postgres for snapshots and the read model',
    mustMatch: true,
  }),
  MILLRACE_POSTGRES_SCHEMA: field(
    z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a lower-case SQL name'),
    { meaning: 'schema that holds all tables', mustMatch: true },
    'millrace',
  ),
  MILLRACE_TOPIC_PREFIX: field(
    z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, 'must be a legal topic name'),
    { meaning: 'prefix of all topics', mustMatch: true },
    'workflow',
  ),
  MILLRACE_GROUP_ID: field(z.string().min(1).max(200), { meaning: 'consumer group of the engines', mustMatch: true }, 'millrace'),
  MILLRACE_PARTITIONS: field(
    wholeNumber(1, 10_000),
    { meaning: 'partitions of commands and events; a mismatch with an existing topic stops the start', mustMatch: true },
    '32',
  ),
  MILLRACE_REPLICATION_FACTOR: field(
    wholeNumber(1, 10),
    {
      meaning: 'replicas of each topic at creation; 1 only with MILLRACE_ENV=dev or test, or MILLRACE_ALLOW_SINGLE_REPLICA',
      mustMatch: true,
    },
    '3',
  ),
  MILLRACE_ALLOW_SINGLE_REPLICA: field(flag, { meaning: 'accept that losing the one broker loses data', mustMatch: true }, 'false'),
  MILLRACE_HTTP_HOST: field(z.string(), { meaning: 'address the gateway listens on', mustMatch: false }, '127.0.0.1'),
  MILLRACE_HTTP_PORT: field(port, { meaning: 'port the gateway listens on', mustMatch: false }, '8080'),
  MILLRACE_HTTP_BODY_LIMIT: field(
    wholeNumber(1_024, 67_108_864),
    { meaning: 'largest request body', unit: 'bytes', mustMatch: false },
    '1048576',
  ),
  MILLRACE_ENGINE_HOST: field(
    z.string(),
    { meaning: 'address of the engine port, as other instances reach it', mustMatch: false },
    '127.0.0.1',
  ),
  MILLRACE_ENGINE_PORT: field(port, { meaning: 'engine port for queries; 0 = any', mustMatch: false }, '0'),
  MILLRACE_SESSION_TIMEOUT_MS: field(
    wholeNumber(1_000, 300_000),
    {
      meaning: "how long the group keeps a member that does not beat; not below the brokers' group.min.session.timeout.ms",
      unit: 'ms',
      mustMatch: true,
    },
    '6000',
  ),
  MILLRACE_FAILURE_DETECTOR: field(
    flag,
    { meaning: 'engines watch each other and put dead ones out of the group at once; off: the session time-out does it', mustMatch: true },
    'on',
  ),
  MILLRACE_LIVENESS_PORT: field(
    port,
    { meaning: 'port on MILLRACE_ENGINE_HOST that the other engines watch this one by; 0 = any', mustMatch: false },
    '0',
  ),
  MILLRACE_PING_INTERVAL_MS: field(
    wholeNumber(50, 10_000),
    { meaning: 'time between two pings of one engine to another', unit: 'ms', mustMatch: true },
    '200',
  ),
  MILLRACE_MISSED_PINGS: field(
    wholeNumber(2, 100),
    { meaning: 'pings in a row without an answer after which an engine counts as silent; two observers must agree', mustMatch: true },
    '5',
  ),
  MILLRACE_STALL_AFTER_MS: field(
    wholeNumber(500, 300_000),
    { meaning: 'an engine whose main loop has not turned for so long loses its partitions', unit: 'ms', mustMatch: true },
    '3000',
  ),
  MILLRACE_END_STALLED_AFTER_MS: field(
    wholeNumber(0, 3_600_000),
    {
      meaning:
        'an engine whose main loop has not turned for so long ends itself, with `process.failed` in its log and SIGKILL, for its supervisor to start it again; needs the failure detector; 0 = never',
      unit: 'ms',
      mustMatch: false,
    },
    '30000',
  ),
  MILLRACE_EVICTION_HOLD_MS: field(
    wholeNumber(1_000, 300_000),
    { meaning: 'least time between two evictions of one process by one engine; doubles up to five minutes', unit: 'ms', mustMatch: false },
    '5000',
  ),
  MILLRACE_MESH_LIMIT: field(
    wholeNumber(2, 100),
    { meaning: 'engines up to which each watches all others; beyond it each watches four neighbours', mustMatch: true },
    '20',
  ),
  MILLRACE_LOAD_REBALANCE: field(
    durationMs.refine((ms) => ms === 0 || ms >= 60_000, 'must be 0 or at least 1m'),
    {
      meaning:
        'least time between two rebalances that an engine asks for because its load has changed; 0 = it reports no load, partitions are balanced by count only',
      unit: 'duration',
      mustMatch: true,
    },
    '10m',
  ),
  MILLRACE_ADMIN_HOST: field(
    z.string(),
    { meaning: 'address of /metrics and /health of engine and projector', mustMatch: false },
    '127.0.0.1',
  ),
  MILLRACE_ADMIN_PORT: field(port, { meaning: 'port of /metrics and /health of engine and projector; 0 = any', mustMatch: false }, '0'),
  MILLRACE_INSTANCE_ID: field(id, { meaning: 'name of this process; unique', mustMatch: false }, defaultInstanceId()),
  MILLRACE_CLUSTER_SECRET: field(z.string().min(16, 'must have at least 16 characters').optional(), {
    meaning: 'shared secret of the engine port; required off loopback',
    mustMatch: true,
  }),
  MILLRACE_REPLY_TOPICS: field(z.string().optional(), {
    meaning: 'reply topics that commands may name; * at the end is a wildcard; default <prefix>.replies*',
    mustMatch: true,
  }),
  MILLRACE_DEDUPE_WINDOW: field(
    durationMs,
    { meaning: 'how long a repeated commandId gets the first answer; older commands are refused', unit: 'duration', mustMatch: true },
    '24h',
  ),
  MILLRACE_REQUEST_TIMEOUT_MS: field(
    wholeNumber(100, 600_000),
    { meaning: 'how long the gateway waits for an answer', unit: 'ms', mustMatch: false },
    '5000',
  ),
  MILLRACE_SNAPSHOT_EVERY: field(
    wholeNumber(1, 1_000_000),
    { meaning: 'events of an entity between two snapshots', unit: 'events', mustMatch: false },
    '100',
  ),
  MILLRACE_MAX_REPLAY: field(
    wholeNumber(1_000, 100_000_000),
    { meaning: 'records that a recovery may have to read', unit: 'records', mustMatch: false },
    '20000',
  ),
  MILLRACE_PROGRESS_TIMEOUT_MS: field(
    wholeNumber(6_000, 3_600_000),
    {
      meaning: 'how long commands may wait in a partition with nothing getting on before its owner stands down and begins anew',
      unit: 'ms',
      mustMatch: false,
    },
    '20000',
  ),
  MILLRACE_PASSIVATE_AFTER_MS: field(
    wholeNumber(1, 86_400_000),
    { meaning: 'idle time after which an entity leaves memory', unit: 'ms', mustMatch: false },
    '60000',
  ),
  MILLRACE_RETENTION: field(durationMs, { meaning: 'how long finished executions are kept', unit: 'duration', mustMatch: true }, '30d'),
  MILLRACE_MAX_EXECUTIONS_PER_WORKFLOW: field(
    wholeNumber(1, 100_000_000),
    { meaning: 'unfinished executions of one workflow; a further one is refused with 429 RESOURCE_EXHAUSTED', mustMatch: true },
    '1000000',
  ),
  MILLRACE_MAX_QUEUED_PER_WORKFLOW: field(
    wholeNumber(1, 10_000_000),
    {
      meaning: 'tasks and stages of one workflow that wait for a slot in one engine; beyond it its executions are refused with 429',
      mustMatch: false,
    },
    '20000',
  ),
  MILLRACE_MAX_QUEUED: field(
    wholeNumber(1, 10_000_000),
    { meaning: 'tasks and stages that wait for a slot in one engine; beyond it executions are refused with 429', mustMatch: false },
    '50000',
  ),
  MILLRACE_STAGE_CONCURRENCY: field(wholeNumber(1, 1_024), { meaning: 'stages that run at once in one engine', mustMatch: false }, '4'),
  MILLRACE_TASK_PROCESSORS: field(wholeNumber(1, 1_024).optional(), {
    meaning: 'tasks that compute at once in one engine; unset: one less than it has processors, and at least one',
    mustMatch: false,
  }),
  MILLRACE_STAGE_MEMORY_MB: field(wholeNumber(16, 65_536), { meaning: 'heap of one stage thread', unit: 'MiB', mustMatch: false }, '256'),
  MILLRACE_FILES_ROOT: field(
    z.string().min(1),
    { meaning: 'directory that file nodes cannot leave', mustMatch: true },
    join(tmpdir(), 'millrace-files'),
  ),
  MILLRACE_FILES_SHARED: field(flag, { meaning: 'the files root is one shared file system on all hosts', mustMatch: true }, 'false'),
  MILLRACE_NODES_DIR: field(z.string().optional(), { meaning: "directory of users' own nodes", mustMatch: true }),
  MILLRACE_LOG_LEVEL: field(
    z.enum(['trace', 'debug', 'info', 'warn', 'error']),
    { meaning: 'least level of log lines', mustMatch: false },
    'info',
  ),
} as const satisfies Record<string, Field>;

type Values = { readonly [Name in keyof typeof fields]: z.output<(typeof fields)[Name]['schema']> };

/** All settings, parsed once and frozen; durations in milliseconds. */
export type Settings = Readonly<Values>;

function defaultInstanceId(): string {
  const host =
    hostname()
      .replace(/[^A-Za-z0-9-]/g, '-')
      .replace(/^-+/, '') || 'host';
  return `${host.slice(0, 40)}-${process.pid}`;
}
