import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chain, node } from '../cluster/chain.js';
import type { Client } from '../cluster/client.js';
import { PlainKafka } from '../cluster/plain-kafka.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';

const replies = 'workflow.replies.outsider';
const commands = 'workflow.commands';
const rejected = 'workflow.commands.rejected';
const partitions = 8;
let scenario: Scenario;
let client: Client;
let kafka: PlainKafka;
let home: number;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 1, partitions });
  client = scenario.client;
  kafka = await PlainKafka.connect(scenario.cluster.kafka.brokers);
  await kafka.admin.createTopics({ topics: [{ topic: replies, numPartitions: 1 }] });
  await Promise.all([kafka.follow(replies), kafka.follow(rejected)]);
  await scenario.create(chain('victim', node('say', 'flow.set', { values: { fine: 'true' } })));
  home = (await scenario.location('victim')).partition;
});
afterAll(async () => {
  await kafka?.close();
  await scenario?.stop();
});

const execute = (commandId: string, workflowId = 'victim') => JSON.stringify({ commandId, type: 'ExecuteWorkflow', workflowId, data: {} });
const addressed = (correlationId: string) => ({ 'reply-topic': replies, 'correlation-id': correlationId });

describe('a poison command on the topic is set aside with its reason', () => {
  const cases: [string, string | null, string | null, string][] = [
    ['text that is not JSON', 'victim', 'open the sluice', 'MALFORMED'],
    ['a null value', 'victim', null, 'NULL_VALUE'],
    ['an unknown type', 'victim', JSON.stringify({ commandId: 'u', type: 'OpenSluice', workflowId: 'victim', data: {} }), 'UNKNOWN_TYPE'],
    ['a key of another workflow', 'somebody', execute('mismatch'), 'KEY_MISMATCH'],
    ['no key', null, execute('keyless'), 'KEY_MISMATCH'],
    ['no command id', 'victim', JSON.stringify({ type: 'ExecuteWorkflow', workflowId: 'victim', data: {} }), 'INVALID_COMMAND'],
    [
      'data of a wrong type',
      'victim',
      JSON.stringify({ commandId: 'd', type: 'CancelExecution', workflowId: 'victim', data: 7 }),
      'INVALID_COMMAND',
    ],
    ['JSON nested 5,000 deep', 'victim', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'MALFORMED'],
    ['as much as the broker takes', 'victim', 'x'.repeat(2 * 1_048_576 - 400), 'MALFORMED'],
  ];

  test.each(cases)('%s', async (what, key, value, code) => {
    const at = String((await kafka.admin.fetchTopicOffsets(commands)).find(({ partition }) => partition === home)?.high);
    await kafka.send(commands, { key, value, partition: home, headers: { ...addressed(what), mine: 'kept' } });
    await kafka.send(commands, { key: 'victim', value: execute(`after ${what}`), partition: home, headers: addressed(`after ${what}`) });
    expect(await kafka.reply(replies, `after ${what}`)).toMatchObject({ ok: true, result: { status: 'started' } });
    expect(await kafka.reply(replies, what)).toMatchObject({ ok: false, error: { code: 'INVALID_COMMAND', message: expect.any(String) } });
    const record = await kafka.seen(rejected, what, ({ headers }) => headers['correlation-id'] === what);
    expect(record).toMatchObject({ key, value });
    expect(record.headers).toMatchObject({ 'error-code': code, 'origin-partition': String(home), 'origin-offset': at, mine: 'kept' });
    expect(record.headers['error-message']).toMatch(/\w+/);
  });

  test('and an answer that cannot be delivered is lost alone', async () => {
    const headers = { 'reply-topic': 'workflow.events', 'correlation-id': 'not allowed' };
    await kafka.send(commands, { key: 'victim', value: execute('misdirected'), partition: home, headers });
    await kafka.send(commands, {
      key: 'victim',
      value: execute('after misdirected'),
      partition: home,
      headers: addressed('after misdirected'),
    });
    expect(await kafka.reply(replies, 'after misdirected')).toMatchObject({ ok: true });
  });

  test('a command on the wrong partition, as librdkafka would choose it, is forwarded and answered once', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `astray-${i}`);
    const chosen = (id: string) => crc32(id) % partitions;
    const places = await Promise.all(ids.map(async (id) => ({ id, home: (await scenario.location(id)).partition })));
    const astray = places.find(({ id, home: at }) => chosen(id) !== at)?.id ?? '';
    await scenario.create(chain(astray, node('say', 'flow.set', { values: { fine: 'true' } })));
    await kafka.send(commands, { key: astray, value: execute('stray', astray), partition: chosen(astray), headers: addressed('stray') });
    const { result } = (await kafka.reply(replies, 'stray')) as { result: { executionId: string } };
    await client.reaches(astray, result.executionId, ['completed']);
    const listed = await until('the list shows it', async () => {
      const { body } = await client.get(`/api/v1/workflows/${astray}/executions`);
      return Object.keys(body).length > 0 ? body : undefined;
    });
    expect(listed).toMatchObject([{ executionId: result.executionId }]);
  });

  test('the log says that every good command was applied once', async () => {
    const log = await scenario.readLog();
    expect(log.violations).toEqual([]);
    expect(log.commands.get('misdirected')).toBe(1);
    for (const id of ['mismatch', 'keyless', 'u', 'd']) expect(log.commands.has(id)).toBe(false);
  });
});

describe('a start that cannot work', () => {
  test('another partition count than the topics have stops it with both numbers', async () => {
    const engine = await scenario.cluster.addEngine('misconfigured', { MILLRACE_PARTITIONS: '5' });
    await engine.exited;
    expect(engine.exitCode).not.toBe(0);
    expect(engine.log(20)).toContain('has 8 partitions, MILLRACE_PARTITIONS is 5');
  });

  test('settings that are not usable are listed at once, with exit code 78', async () => {
    const engine = await scenario.cluster.addEngine('unusable', { MILLRACE_PARTITIONS: 'many', MILLRACE_LOG_LEVEL: 'loud' });
    await engine.exited;
    expect(engine.exitCode).toBe(78);
    expect(engine.log(20)).toMatch(/MILLRACE_PARTITIONS[\s\S]*MILLRACE_LOG_LEVEL/);
  });

  test('with no engine there is a 503 in under a second that names the partition', async () => {
    await scenario.cluster.engines[0]?.stop();
    const answer = await until('nobody owns it', async () => {
      const asked = await client.post('/api/v1/workflows/victim/execute');
      return asked.body.code === 'NO_OWNER' && asked.body.outcome === undefined ? asked : undefined;
    });
    expect(answer).toMatchObject({ status: 503, body: { message: expect.stringContaining(`partition ${home}`) } });
    const again = await client.post('/api/v1/workflows/victim/execute');
    expect(again).toMatchObject({ status: 503, body: { code: 'NO_OWNER' } });
    expect(again.ms).toBeLessThan(1_000);
    expect(again.headers.get('retry-after')).toBe('1');
  });
});
