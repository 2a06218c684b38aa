import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '../cluster/client.js';
import { PlainKafka } from '../cluster/plain-kafka.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';
import { order, waitThenSet } from './definitions.js';

const workflows = '/api/v1/workflows';
/** Two nodes have nothing after them: the sink that logs, and the last one. */
const orderOutput = { log: null, total: { evens: 5, by: 'Grace', customer: 'Ada' } };
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let scenario: Scenario;
let client: Client;
let kafka: PlainKafka;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 2 });
  client = new Client(() => scenario.cluster.url);
  kafka = await PlainKafka.connect(scenario.cluster.kafka.brokers);
  await kafka.follow('workflow.replies');
}, 120_000);
afterAll(async () => {
  await kafka?.close();
  await scenario?.stop();
});

/** A list follows the log within a second; rows as they come once `fits`. */
function list(path: string, fits: (rows: unknown[]) => boolean): Promise<unknown[]> {
  const look = async () => {
    const rows = Object.values((await client.get(path)).body);
    return fits(rows) ? rows : undefined;
  };
  return until(`${path} shows it`, look, 3_000);
}

describe('the main job over HTTP', () => {
  test('a workflow is stored as given, unknown fields too', async () => {
    const definition = { ...order('as-given'), name: 'As given', tags: ['acceptance'], ourOwnField: { kept: [1, null, 'ü'] } };
    const created = await client.post(workflows, definition);
    expect(created).toMatchObject({ status: 201, body: { workflowId: 'as-given', version: 1, problems: [], scheduleStatus: 'none' } });
    expect(created.headers.get('location')).toBe(`${workflows}/as-given`);
    const got = await client.get(`${workflows}/as-given`);
    expect(got.body).toEqual(definition);
    expect([got.headers.get('x-workflow-version'), got.headers.get('x-read-from')]).toEqual(['1', 'owner']);
    await list(`${workflows}?tag=acceptance`, (rows) => rows.length === 1);
    expect(await client.post(workflows, definition)).toMatchObject({ status: 409, body: { code: 'WORKFLOW_EXISTS' } });
  });

  test('an execution streams, waits for its signal and its delay, says why it waits, and ends with its output', async () => {
    await scenario.create(order('order'));
    const executionId = await client.execute('order', { input: { customer: 'Ada' } });
    const path = `${workflows}/order/executions/${executionId}`;
    const waiting = await client.reaches('order', executionId, ['waiting']);
    const howToUnblock = `POST ${path}/signal/approve`;
    expect(waiting).toMatchObject({ waitingFor: { kind: 'signal', detail: expect.stringContaining('approve'), howToUnblock } });
    expect((await client.get(`${path}/result`)).status).toBe(202);
    const running = { executionId, status: 'waiting', startTime: expect.any(Number), endTime: null };
    const status = await client.get(`${workflows}/order/status`);
    expect(status.body).toMatchObject({ workflowId: 'order', state: 'running', executionCount: 1, running: 1 });
    expect(status.body.currentExecution).toMatchObject({ ...running, status: expect.stringMatching(/^(running|waiting)$/) });

    const signalled = await client.post(`${path}/signal/approve`, { payload: { by: 'Grace' } });
    expect(signalled).toMatchObject({ status: 200, body: { executionId, signal: 'approve' } });
    const done = await client.reaches('order', executionId, ['completed']);
    expect(done).toMatchObject({ input: { customer: 'Ada' }, version: 1 });
    expect(done.output).toEqual(orderOutput);
    expect(done.nodes).toMatchObject([
      { nodeId: 'numbers', status: 'completed', recordsOut: 10 },
      { nodeId: 'even', status: 'completed', recordsIn: 10, recordsOut: 5 },
      { nodeId: 'log', status: 'completed', recordsIn: 5 },
      { nodeId: 'count', status: 'completed', output: { count: 5 } },
      { nodeId: 'work', status: 'completed', attempts: 1, output: { step: 1 } },
      { nodeId: 'approve', status: 'completed', output: { by: 'Grace' } },
      { nodeId: 'pause', status: 'completed' },
      { nodeId: 'total', status: 'completed', output: { evens: 5 } },
    ]);
    expect(done).toMatchObject({ startTime: expect.stringMatching(isoTime), endTime: expect.stringMatching(isoTime) });
    const pause = Object.values(done.nodes ?? {}).find((node) => node.nodeId === 'pause');
    expect(pause?.duration).toBeGreaterThanOrEqual(300);
    expect(pause?.duration).toBeLessThan(2_000);
    expect(scenario.effects('done').filter((line) => line.includes(executionId))).toHaveLength(1);
    const result = await client.get(`${path}/result`);
    expect(result).toMatchObject({ status: 200, body: { status: 'completed', output: orderOutput } });
    expect((await client.get(`${workflows}/order/status`)).body).toMatchObject({ state: 'completed', running: 0, currentExecution: null });
  });

  test('lists, logs, events and history tell the same story', async () => {
    const [row] = await list(`${workflows}/order/executions`, (rows) => JSON.stringify(rows).includes('"completed"'));
    const executionId = String(Object(row).executionId);
    expect(row).toMatchObject({ startTime: expect.stringMatching(isoTime), endTime: expect.stringMatching(isoTime), version: 1 });
    await list('/api/v1/executions?workflowId=order&status=completed', (rows) => JSON.stringify(rows).includes(executionId));
    const path = `${workflows}/order/executions/${executionId}`;
    const logs = await until('five log lines', async () => {
      const { body } = await client.get(`${path}/logs`);
      return Object.values(body.logs ?? []).length >= 5 ? body : undefined;
    });
    expect(logs.executionId).toBe(executionId);
    const lines = Object.values(logs.logs ?? []).map(String);
    expect(lines.map((line) => line.replace(/^\[[^\]]*\] /, ''))).toEqual(['2', '4', '6', '8', '10']);
    for (const line of lines) expect(line).toMatch(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] /);

    const events = Object.values((await client.get(`${path}/events`)).body) as { seq: number; type: string }[];
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['WorkflowStarted', 'WorkflowCompleted']);

    const history = (await client.get('/api/history/order')).body;
    const shown = { executionId, workflowName: 'order', status: 'completed', startTime: expect.any(Number), duration: expect.any(Number) };
    expect(history).toMatchObject({ workflowId: 'order', executions: [shown] });
    expect((await client.get(`/api/history/order/execution/${executionId}`)).body).toMatchObject(shown);
    const timeline = (await client.get('/api/history/order/timeline')).body;
    expect(timeline).toMatchObject({ executionId, duration: expect.any(Number) });
    const nodes = Object.values(timeline.nodes ?? {}).map((node) => node.nodeId);
    expect([...nodes].sort()).toEqual(['approve', 'count', 'even', 'log', 'numbers', 'pause', 'total', 'work']);
    expect((await client.get('/api/history/order/status')).body).toMatchObject({ state: 'completed', currentExecution: null });
  });

  test('an execution is cancelled at once, and then neither cancelled nor signalled again', async () => {
    await scenario.create(waitThenSet('cancelled'));
    const executionId = await client.execute('cancelled');
    const path = `${workflows}/cancelled/executions/${executionId}`;
    expect(await client.post(`${path}/cancel`)).toMatchObject({ status: 200, body: { executionId, status: 'cancelled' } });
    const detail = await client.detail('cancelled', executionId);
    expect(detail).toMatchObject({ status: 'cancelled', endTime: expect.stringMatching(isoTime) });
    expect(detail.nodes).toMatchObject([{ nodeId: 'wait', status: 'cancelled' }, { nodeId: 'set' }]);
    expect(await client.post(`${path}/cancel`)).toMatchObject({ status: 409, body: { code: 'EXECUTION_FINISHED' } });
    expect(await client.post(`${path}/signal/go`)).toMatchObject({ status: 409, body: { code: 'EXECUTION_FINISHED' } });
    expect(await client.post(`${workflows}/cancelled/executions/nobody/cancel`)).toMatchObject({ status: 404 });
  });

  test('a running task is aborted by a cancel, and its late result changes nothing', async () => {
    const nodes = [{ id: 'slow', nodeType: 'test.effect', config: { step: 1, ms: 800 } }];
    await scenario.create({ id: 'cancel-task', nodes, edges: [] });
    const executionId = await client.execute('cancel-task');
    await until('the task runs', () => scenario.effects('start').find((line) => line.includes(executionId)));
    await client.post(`${workflows}/cancel-task/executions/${executionId}/cancel`);
    await until('the task ends all the same', () => scenario.effects('done').find((line) => line.includes(executionId)));
    expect(await client.detail('cancel-task', executionId)).toMatchObject({ status: 'cancelled', nodes: [{ status: 'cancelled' }] });
  });

  test('a signal that comes before its wait is kept, whatever JSON it carries', async () => {
    const delay = { id: 'delay', nodeType: 'flow.delay', config: { duration: '600ms' } };
    const wait = { id: 'wait', nodeType: 'flow.signal', config: { name: 'early' } };
    await scenario.create({ id: 'early', nodes: [delay, wait], edges: [{ source: 'delay', target: 'wait' }] });
    const executionId = await client.execute('early');
    const signalled = await client.post(`${workflows}/early/executions/${executionId}/signal/early`, [1, 'two', null]);
    expect(signalled.status).toBe(200);
    expect(await client.detail('early', executionId)).toMatchObject({ status: 'waiting', waitingFor: { kind: 'timer' } });
    const done = await client.reaches('early', executionId, ['completed']);
    expect(done.output).toEqual([1, 'two', null]);
    expect(Date.parse(String(done.endTime)) - Date.parse(String(done.startTime))).toBeGreaterThanOrEqual(600);
  });
});

describe('the same by a plain Kafka producer', () => {
  /** Sends as any Kafka client does, the partition chosen by that client. */
  const send = (type: string, workflowId: string, data: unknown, correlationId: string) =>
    kafka.send('workflow.commands', {
      key: workflowId,
      value: JSON.stringify({ commandId: `cmd-${correlationId}`, type, workflowId, data }),
      headers: { 'reply-topic': 'workflow.replies', 'correlation-id': correlationId },
    });

  test('create, execute and signal are answered on the reply topic, and HTTP shows the same execution', async () => {
    await send('CreateWorkflow', 'by-kafka', { definition: order('by-kafka') }, 'k-create');
    expect(await kafka.reply('workflow.replies', 'k-create')).toMatchObject({
      commandId: 'cmd-k-create',
      workflowId: 'by-kafka',
      ok: true,
      result: { version: 1, problems: [] },
    });
    await send('ExecuteWorkflow', 'by-kafka', { input: { customer: 'Ada' } }, 'k-execute');
    const started = await kafka.reply('workflow.replies', 'k-execute');
    expect(started).toMatchObject({ ok: true, result: { status: 'started', version: 1 } });
    const executionId = String(Object(started.result).executionId);
    await client.reaches('by-kafka', executionId, ['waiting']);
    await send('SignalExecution', 'by-kafka', { executionId, name: 'approve', payload: { by: 'Grace' } }, 'k-signal');
    expect(await kafka.reply('workflow.replies', 'k-signal')).toMatchObject({ ok: true, result: { signal: 'approve' } });
    const done = await client.reaches('by-kafka', executionId, ['completed']);
    expect(done).toMatchObject({ input: { customer: 'Ada' }, output: orderOutput });
    const command = await until('the outcome of the command', async () => {
      const { body } = await client.get('/api/v1/commands/cmd-k-execute');
      return body.status === 'applied' ? body : undefined;
    });
    expect(command).toMatchObject({ result: { executionId } });
  });

  test('a refusal is a reply too, and a repeated command gets the first answer and changes nothing', async () => {
    await send('CancelExecution', 'by-kafka', { executionId: 'nobody' }, 'k-refused');
    const error = { code: 'EXECUTION_NOT_FOUND', message: expect.any(String) };
    expect(await kafka.reply('workflow.replies', 'k-refused')).toMatchObject({ ok: false, error });
    const first = await kafka.reply('workflow.replies', 'k-execute');
    await sendAs('cmd-k-execute', { customer: 'Eve' }, 'k-conflict');
    expect(await kafka.reply('workflow.replies', 'k-conflict')).toMatchObject({ ok: false, error: { code: 'COMMAND_CONFLICT' } });
    await sendAs('cmd-k-execute', { customer: 'Ada' }, 'k-again');
    expect(await kafka.reply('workflow.replies', 'k-again')).toEqual(first);
    expect((await client.get(`${workflows}/by-kafka/status`)).body).toMatchObject({ executionCount: 1 });
  });

  test('a reply topic of the caller’s own is used, and without one the command counts all the same', async () => {
    await kafka.admin.createTopics({ topics: [{ topic: 'workflow.replies.mine', numPartitions: 1 }], waitForLeaders: true });
    await kafka.follow('workflow.replies.mine');
    await sendAs('silent', {}, undefined);
    await sendAs('mine', {}, 'mine', 'workflow.replies.mine');
    expect(await kafka.reply('workflow.replies.mine', 'mine')).toMatchObject({ commandId: 'mine', ok: true });
    expect((await client.get(`${workflows}/by-kafka/status`)).body).toMatchObject({ executionCount: 3 });
  });

  /** Executes `by-kafka` with a command id of one's own; without correlation id no reply is asked for. */
  function sendAs(commandId: string, input: unknown, correlationId: string | undefined, replyTopic = 'workflow.replies') {
    const value = JSON.stringify({ commandId, type: 'ExecuteWorkflow', workflowId: 'by-kafka', data: { input } });
    const headers = correlationId === undefined ? {} : { 'reply-topic': replyTopic, 'correlation-id': correlationId };
    return kafka.send('workflow.commands', { key: 'by-kafka', value, headers });
  }
});

test('the log of all this obeys the rules that every reader applies', async () => {
  expect((await scenario.readLog()).violations).toEqual([]);
});
