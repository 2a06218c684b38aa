import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, Client } from '../cluster/client.js';
import { Scenario } from '../cluster/scenario.js';
import { until } from '../cluster/until.js';
import { greet, tally, waitThenSet } from './definitions.js';

const workflows = '/api/v1/workflows';
const ada = { input: { name: 'Ada' } };
let scenario: Scenario;
let client: Client;

beforeAll(async () => {
  scenario = await Scenario.start({ engines: 2 });
  client = new Client(() => scenario.cluster.url);
  await scenario.create(greet('greet'));
  await scenario.create(waitThenSet('wait'));
}, 120_000);
afterAll(() => scenario?.stop());

const execute = (id: string, body: unknown, headers: Record<string, string> = {}, query = '') =>
  client.post(`${workflows}/${id}/execute${query}`, body, headers);
const executionCount = async (id: string) => (await client.get(`${workflows}/${id}/status`)).body.executionCount;

/** What became of a command that was only accepted. */
function outcome(accepted: Answer): Promise<Answer['body']> {
  const location = accepted.headers.get('location') ?? '';
  const look = async () => {
    const { body } = await client.get(location);
    return ['applied', 'refused', 'expired'].includes(String(body.status)) ? body : undefined;
  };
  return until(`an outcome at ${location}`, look, 5_000);
}

describe('a repeat with the same Idempotency-Key', () => {
  test('starts nothing twice, also when many come at once', async () => {
    const before = Number(await executionCount('greet'));
    const answers = await Promise.all(Array.from({ length: 8 }, () => execute('greet', ada, { 'idempotency-key': 'order-1' })));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map((answer) => answer.body.executionId)).size).toBe(1);
    expect(await executionCount('greet')).toBe(before + 1);
  });

  test('gets the first answer, also when that was a refusal', async () => {
    const key = { 'idempotency-key': 'too-early' };
    const refused = await execute('later', ada, key);
    expect(refused).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
    await scenario.create(greet('later'));
    expect(await execute('later', ada, key)).toMatchObject({ status: 404, body: refused.body });
    expect(await execute('later', ada, { 'idempotency-key': 'now' })).toMatchObject({ status: 200 });
    expect(await executionCount('later')).toBe(1);
  });

  test('with another body is a conflict; for another workflow it is another command', async () => {
    const key = { 'idempotency-key': 'shared' };
    const first = await execute('greet', ada, key);
    expect(await execute('greet', { input: { name: 'Eve' } }, key)).toMatchObject({ status: 409, body: { code: 'COMMAND_CONFLICT' } });
    expect(await execute('greet', ada, key)).toMatchObject({ status: 200, body: { executionId: first.body.executionId } });
    const other = await execute('wait', ada, key);
    expect(other.status).toBe(200);
    expect(other.body.executionId).not.toBe(first.body.executionId);
  });

  test('creates one workflow, whose id derives from the key where none is given', async () => {
    const { nodes, edges } = greet('');
    const key = { 'idempotency-key': 'create-once' };
    const first = await client.post(workflows, { nodes, edges }, key);
    expect(first).toMatchObject({ status: 201, body: { version: 1 } });
    expect(await client.post(workflows, { nodes, edges }, key)).toMatchObject({ status: 201, body: first.body });
  });

  test('cancels and signals once', async () => {
    const key = { 'idempotency-key': 'once' };
    const id = await client.execute('wait');
    const path = `${workflows}/wait/executions/${id}`;
    expect((await client.post(`${path}/signal/go`, { n: 1 }, key)).status).toBe(200);
    await client.reaches('wait', id, ['completed']);
    expect((await client.post(`${path}/signal/go`, { n: 1 }, key)).status).toBe(200);
    expect(await client.post(`${path}/signal/go`, { n: 1 })).toMatchObject({ status: 409, body: { code: 'EXECUTION_FINISHED' } });
  });

  test('an execution id of one’s own is used once', async () => {
    expect((await execute('greet', { ...ada, executionId: 'mine-1' })).body.executionId).toBe('mine-1');
    const second = await execute('greet', { ...ada, executionId: 'mine-1' });
    expect(second).toMatchObject({ status: 409, body: { code: 'EXECUTION_EXISTS', workflowId: 'greet' } });
  });
});

describe('waiting', () => {
  test('execute?wait= answers with the output, and with the error of what failed', async () => {
    const done = await execute('greet', ada, {}, '?wait=30s');
    expect(done).toMatchObject({ status: 200, body: { status: 'completed', output: { text: 'hello Ada' } } });
    expect(done.ms).toBeLessThan(3_000);
    await scenario.create(tally('tally'));
    expect(await execute('tally', {}, {}, '?wait=30s')).toMatchObject({ status: 200, body: { output: { count: 10 } } });
    const nodes = [{ id: 'fail', nodeType: 'flow.fail', config: { message: 'no luck', code: 'NO_LUCK' } }];
    await scenario.create({ id: 'fails', nodes, edges: [] });
    const failed = await execute('fails', {}, {}, '?wait=30s');
    expect(failed).toMatchObject({ status: 200, body: { status: 'failed', output: null, error: { code: 'NO_LUCK', message: 'no luck' } } });
    expect((await client.get(`${workflows}/fails/status`)).body.state).toBe('failed');
  });

  test('execute?wait= answers 202 when it takes longer, and result?wait= hears of the end at once', async () => {
    const slow = await execute('wait', {}, {}, '?wait=300ms');
    expect(slow).toMatchObject({ status: 202, body: { status: 'waiting', waitingFor: { kind: 'signal' } } });
    expect(slow.ms).toBeGreaterThanOrEqual(290);
    expect(slow.ms).toBeLessThan(2_000);
    const path = `${workflows}/wait/executions/${slow.body.executionId}`;
    const result = client.get(`${path}/result?wait=30s`);
    await client.post(`${path}/signal/go`);
    expect(await result).toMatchObject({ status: 200, body: { status: 'completed', output: { version: 1 } } });
    expect((await result).ms).toBeLessThan(5_000);
  });

  test('Prefer: respond-async answers once the command is durable, and says where its outcome is told', async () => {
    const accepted = await execute('greet', ada, { prefer: 'respond-async' });
    expect(accepted).toMatchObject({ status: 202, body: { workflowId: 'greet', status: 'accepted', commandId: expect.any(String) } });
    expect(accepted.headers.get('preference-applied')).toBe('respond-async');
    const applied = await outcome(accepted);
    expect(applied).toMatchObject({ commandId: accepted.body.commandId, status: 'applied', workflowId: 'greet' });
    const executionId = String(Object(applied.result).executionId);
    expect((await client.reaches('greet', executionId, ['completed'])).output).toEqual({ text: 'hello Ada' });
    const refused = await outcome(await execute('unheard-of', {}, { prefer: 'respond-async' }));
    expect(refused).toMatchObject({ status: 'refused', error: { code: 'WORKFLOW_NOT_FOUND' } });
  });

  test('the old name of execute works, with no body at all', async () => {
    const started = await client.send('POST', `${workflows}/wait/execute-es`);
    expect(started).toMatchObject({ status: 200, body: { workflowId: 'wait', status: 'started', note: expect.any(String) } });
  });
});

describe('versions', () => {
  test('a running execution stays on its version; new ones take the newest, or the one they name', async () => {
    await scenario.create(waitThenSet('versioned', 1));
    const old = await client.execute('versioned');
    const updated = await client.put(`${workflows}/versioned`, waitThenSet('versioned', 2));
    expect(updated).toMatchObject({ status: 200, body: { workflowId: 'versioned', version: 2, problems: [] } });
    const newest = await client.execute('versioned');
    const named = await client.execute('versioned', { version: 1 });
    for (const id of [old, newest, named]) await client.post(`${workflows}/versioned/executions/${id}/signal/go`);
    const outputs = await Promise.all([old, newest, named].map((id) => client.reaches('versioned', id, ['completed'])));
    expect(outputs.map(({ output, version }) => ({ output, version }))).toEqual(
      [1, 2, 1].map((v) => ({ output: { version: v }, version: v })),
    );
    expect(await execute('versioned', { version: 9 })).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
  });

  test('versions are listed, and each is read as it was given', async () => {
    const rows = await until('two versions', async () => {
      const found = Object.values((await client.get(`${workflows}/versioned/versions`)).body);
      return found.length === 2 ? found : undefined;
    });
    expect(rows).toMatchObject([{ version: 1 }, { version: 2 }]);
    expect((await client.get(`${workflows}/versioned/versions/1`)).body).toEqual(waitThenSet('versioned', 1));
    expect((await client.get(`${workflows}/versioned`)).body).toEqual(waitThenSet('versioned', 2));
    expect(await client.get(`${workflows}/versioned/versions/3`)).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
  });

  test('an update under another id is refused, one of an unknown workflow is not found', async () => {
    const mismatch = await client.put(`${workflows}/versioned`, waitThenSet('somebody-else'));
    expect(mismatch).toMatchObject({ status: 400, body: { code: 'ID_MISMATCH' } });
    expect(await client.put(`${workflows}/unheard-of`, waitThenSet('unheard-of'))).toMatchObject({ status: 404 });
  });
});

describe('deleting', () => {
  test('is refused while executions run, and by force cancels them', async () => {
    await scenario.create(waitThenSet('doomed'));
    const ids = await Promise.all([client.execute('doomed'), client.execute('doomed')]);
    const refused = await client.send('DELETE', `${workflows}/doomed`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'WORKFLOW_HAS_RUNNING_EXECUTIONS', workflowId: 'doomed' } });
    expect((await client.detail('doomed', String(ids[0]))).status).toBe('waiting');
    const deleted = await client.send('DELETE', `${workflows}/doomed?force=true`);
    expect(deleted).toMatchObject({ status: 200, body: { message: expect.any(String), workflowId: 'doomed' } });
    expect(await client.get(`${workflows}/doomed`)).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
    expect(await execute('doomed', {})).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
    await until('both are cancelled', async () => {
      const log = await scenario.readLog();
      return ids.every((id) => log.outcome(id) === 'WorkflowCancelled') || undefined;
    });
  });

  test('of an idle workflow works at once; its id may be used again and goes on counting versions', async () => {
    await scenario.create(greet('idle'));
    await client.run('idle', ada);
    expect((await client.send('DELETE', `${workflows}/idle`)).status).toBe(200);
    expect(await client.send('DELETE', `${workflows}/idle`)).toMatchObject({ status: 404 });
    await until(
      'the list forgets it',
      async () => !JSON.stringify((await client.get(`${workflows}?q=idle`)).body).includes('greet') || undefined,
    );
    expect(await client.post(workflows, greet('idle'))).toMatchObject({ status: 201, body: { version: 2 } });
    expect((await client.run('idle', ada)).output).toEqual({ text: 'hello Ada' });
  });
});

test('the log of all this obeys the rules that every reader applies', async () => {
  expect((await scenario.readLog()).violations).toEqual([]);
});
