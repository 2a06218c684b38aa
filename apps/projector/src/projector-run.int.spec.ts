import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadSettings } from '#config';
import { createKafka, type KafkaConnection, type KafkaPartitionLog } from '#kafka';
import { createLogger, createRegistry, projectorMetrics, Readiness } from '#observability';
import { PostgresPool, readLimits } from '#postgres';
import { PostgresReadModel } from '#projection';
import { completeEvent, encodeEvent, encodeFence } from '#protocol';
import { connectToEvents } from './connect-to-events.js';
import { ProjectorRun } from './projector-run.js';

const partitions = 4;
const settings = loadSettings({
  MILLRACE_ENV: 'test',
  MILLRACE_KAFKA_BROKERS: inject('kafkaBrokers'),
  MILLRACE_POSTGRES_URL: inject('postgresUrl'),
  MILLRACE_POSTGRES_SCHEMA: `projector_${process.pid}`,
  MILLRACE_TOPIC_PREFIX: `projector-${process.pid}`,
  MILLRACE_GROUP_ID: `projector-${process.pid}`,
  MILLRACE_PARTITIONS: String(partitions),
  MILLRACE_REPLICATION_FACTOR: '1',
});
const postgres = { url: settings.MILLRACE_POSTGRES_URL, schema: settings.MILLRACE_POSTGRES_SCHEMA, applicationName: 'projector-spec' };
const logger = createLogger({ level: 'silent', instance: 'spec', app: 'test' });
const pool = new PostgresPool(postgres, readLimits);
const model = new PostgresReadModel(pool);
const started: ProjectorRun[] = [];
let kafka: KafkaConnection;
let log: KafkaPartitionLog;

beforeAll(async () => {
  const shape = { topicPrefix: settings.MILLRACE_TOPIC_PREFIX, groupId: settings.MILLRACE_GROUP_ID, partitions, replicationFactor: 1 };
  kafka = createKafka({ brokers: settings.MILLRACE_KAFKA_BROKERS, clientId: 'projector-spec', ...shape }, () => undefined);
  log = kafka.partitionLog();
});
afterAll(async () => {
  for (const run of started) await run.stop();
  await kafka.close();
  await pool.close();
});

function startProjector(instance: string): { readiness: Readiness; run: ProjectorRun } {
  const readiness = new Readiness();
  const failed = (error: unknown): never => {
    throw error;
  };
  const connect = () => connectToEvents({ ...settings, MILLRACE_INSTANCE_ID: instance }, logger);
  const run = new ProjectorRun({ postgres, connect, readiness, logger, metrics: projectorMetrics(createRegistry()), failed });
  started.push(run);
  run.start();
  return { readiness, run };
}

const ready = (readiness: Readiness) => expect.poll(() => readiness.waiting(), { timeout: 30_000, interval: 20 }).toEqual({});

/** What an owner does: fences the partition, then appends a created workflow. */
async function createWorkflow(partition: number, workflowId: string): Promise<void> {
  const body = { instance: 'e', address: '127.0.0.1:1', generation: 1, partitions, reason: 'spec', at: Date.now() };
  const fence = await log.append(partition, [encodeFence(workflowId, body)]);
  if (fence.status !== 'appended') throw new Error(`the fence was not appended: ${fence.message}`);
  const epoch = `${fence.baseOffset}.${workflowId}`;
  const data = { definition: { id: workflowId }, version: 1, problemCount: 0 };
  const place = { workflowId, executionId: '-', seq: 1, at: Date.now(), epoch };
  const event = completeEvent({ entity: 'workflow', type: 'WorkflowCreated', data }, place);
  const outcome = await log.append(partition, [encodeEvent(event, { epoch, offset: fence.baseOffset + 1 })]);
  expect(outcome.status).toBe('appended');
}

const listed = async () => (await model.workflows({ limit: 100, summary: true })).items.map((item) => item.workflowId).sort();

test('two projectors share the partitions, the lists follow the log, and the one that stays takes over', async () => {
  const first = startProjector('first');
  await ready(first.readiness);
  const since = Date.now();
  for (let partition = 0; partition < partitions; partition += 1) await createWorkflow(partition, `w${partition}`);
  await expect.poll(listed, { timeout: 5_000, interval: 10 }).toEqual(['w0', 'w1', 'w2', 'w3']);
  expect(Date.now() - since).toBeLessThan(2_500);

  const second = startProjector('second');
  await ready(second.readiness);
  for (let partition = 0; partition < partitions; partition += 1) await createWorkflow(partition, `x${partition}`);
  await expect.poll(listed, { timeout: 10_000, interval: 10 }).toHaveLength(8);

  await first.run.stop();
  for (let partition = 0; partition < partitions; partition += 1) await createWorkflow(partition, `y${partition}`);
  await expect.poll(listed, { timeout: 15_000, interval: 10 }).toHaveLength(12);
  expect(await model.lagMs()).toBeLessThan(5_000);
});
