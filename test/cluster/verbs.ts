import { randomUUID } from 'node:crypto';
import { chain, node } from './chain.js';
import { type Answer, Client } from './client.js';

/** A request that was answered otherwise than it should have been. */
export interface Failure {
  readonly at: string;
  readonly what: string;
  readonly gateway: string;
  readonly status: number | string;
  readonly ms: number;
  readonly body: unknown;
}

/** Reads that the owner answers while it can be reached. */
const fromOwners: ReadonlySet<string> = new Set(['get', 'status', 'detail', 'result']);
const waits = 'routes-waits';
const works = 'routes-works';

/** Every other workflow of a caller, and the one that waits, spread their executions over all partitions. */
const sharding = { strategy: 'execution' };

/** The workflows that the callers share. */
export const sharedWorkflows = [
  chain(works, node('a', 'flow.set', { values: { n: '1 + 1' } }), node('b', 'flow.set', { values: { m: '2 + 2' } })),
  { ...chain(waits, node('wait', 'flow.signal', { name: 'go' })), sharding },
];

/** Callers that go through every verb of the API, each request by another gateway, and count every answer that is not the right one. */
export class VerbCallers {
  readonly failures: Failure[] = [];
  requests = 0;
  rounds = 0;
  slowest = { what: '', ms: 0 };
  /** Answers that the read model gave in the place of an owner that was away. */
  standIns = 0;
  #running = true;
  #loops: Promise<void>[] = [];
  #turn = 0;

  constructor(private readonly gateways: () => readonly string[]) {}

  start(callers: number): this {
    this.#loops = Array.from({ length: callers }, (_, caller) => this.#call(caller));
    return this;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #call(caller: number): Promise<void> {
    for (let round = 0; this.#running; round += 1) {
      const id = `routes-${caller}-${round}`;
      await this.#definitions(id, round % 2 === 1 ? { sharding } : {});
      await this.#executions(caller % 2 === 0 ? works : id);
      await this.#waiting();
      await this.#removal(id);
      await this.#cluster(id);
      this.rounds += 1;
    }
  }

  async #definitions(id: string, more: object): Promise<void> {
    const definition = { ...chain(id, node('a', 'flow.set', { values: { n: '1' } })), ...more };
    await this.#expect('create', 201, (c) => c.post('/api/v1/workflows', definition));
    await this.#expect('get', 200, (c) => c.get(`/api/v1/workflows/${id}`));
    await this.#expect('status', 200, (c) => c.get(`/api/v1/workflows/${id}/status`));
    await this.#expect('create again', 409, (c) => c.post('/api/v1/workflows', definition));
    await this.#expect('put', 200, (c) => c.put(`/api/v1/workflows/${id}`, { ...definition, description: 'second' }));
    await this.#expect('versions', 200, (c) => c.get(`/api/v1/workflows/${id}/versions`));
    await this.#expect('executions of none', 200, (c) => c.get(`/api/v1/workflows/${id}/executions`));
    await this.#expect('history', 200, (c) => c.get(`/api/history/${id}`));
    await this.#expect('validate', 200, (c) => c.post('/api/v1/workflows/validate', definition));
    await this.#expect('list', 200, (c) => c.get('/api/v1/workflows?limit=5'));
  }

  async #executions(id: string): Promise<void> {
    const key = { 'idempotency-key': randomUUID() };
    const first = await this.#expect('execute', 200, (c) => c.post(`/api/v1/workflows/${id}/execute`, {}, key));
    const again = await this.#expect('execute with the same key', 200, (c) => c.post(`/api/v1/workflows/${id}/execute`, {}, key));
    const eid = String(first?.body.executionId);
    if (first && again && again.body.executionId !== eid) this.#failed('execute with the same key', again);
    const path = `/api/v1/workflows/${id}/executions/${eid}`;
    await this.#expect('detail', 200, (c) => c.get(path));
    await this.#expect('result', 200, (c) => c.get(`${path}/result?wait=20s`));
    await this.#expect('events', 200, (c) => c.get(`${path}/events`));
    await this.#expect('logs', 200, (c) => c.get(`${path}/logs`));
    await this.#expect('timeline', 200, (c) => c.get(`/api/history/${id}/timeline?executionId=${eid}`));
    await this.#expect('cancel an ended one', 409, (c) => c.post(`${path}/cancel`));
    await this.#expect('execute and wait', 200, (c) => c.post(`/api/v1/workflows/${id}/execute?wait=20s`, {}));
    const prefer = { prefer: 'respond-async' };
    const sent = await this.#expect('execute async', 202, (c) => c.post(`/api/v1/workflows/${id}/execute`, {}, prefer));
    if (sent) await this.#expect('command', 200, (c) => c.get(`/api/v1/commands/${encodeURIComponent(String(sent.body.commandId))}`));
  }

  async #waiting(): Promise<void> {
    const ids = [`x${randomUUID()}`, `x${randomUUID()}`] as const;
    const path = (eid: string) => `/api/v1/workflows/${waits}/executions/${eid}`;
    for (const executionId of ids)
      await this.#expect('execute by id', 200, (c) => c.post(`/api/v1/workflows/${waits}/execute`, { executionId }));
    await this.#expect('signal', 200, (c) => c.post(`${path(ids[0])}/signal/go`, { payload: 1 }));
    await this.#expect('result after the signal', 200, (c) => c.get(`${path(ids[0])}/result?wait=20s`));
    await this.#expect('result of a waiting one', 202, (c) => c.get(`${path(ids[1])}/result`));
    await this.#expect('cancel', 200, (c) => c.post(`${path(ids[1])}/cancel`));
  }

  async #removal(id: string): Promise<void> {
    await this.#expect('delete', 200, (c) => c.send('DELETE', `/api/v1/workflows/${id}?force=true`));
    await this.#expect('delete again', 404, (c) => c.send('DELETE', `/api/v1/workflows/${id}`));
  }

  async #cluster(id: string): Promise<void> {
    await this.#expect('location', 200, (c) => c.get(`/api/v1/cluster/workflow/${id}/location`));
    await this.#expect('shards', 200, (c) => c.get('/api/v1/cluster/shards'));
    await this.#expect('stats', 200, (c) => c.get('/api/v1/cluster/stats'));
    await this.#expect('cluster events', 200, (c) => c.get('/api/v1/cluster/events?limit=5'));
  }

  /** Sends by the next gateway; undefined where the answer was not the right one. */
  async #expect(what: string, status: number, send: (client: Client) => Promise<Answer>): Promise<Answer | undefined> {
    const urls = this.gateways();
    this.#turn += 1;
    const gateway = urls[this.#turn % urls.length] ?? '';
    this.requests += 1;
    const startedAt = performance.now();
    try {
      const answer = await send(new Client(() => gateway));
      const isHeld = ['result', 'execute and wait', 'result after the signal'].includes(what); // they wait on purpose
      if (!isHeld && answer.ms > this.slowest.ms) this.slowest = { what, ms: Math.round(answer.ms) };
      if (fromOwners.has(what) && answer.headers.get('x-read-from') === 'read-model') this.standIns += 1;
      if (answer.status === status) return answer;
      this.#failed(what, answer, gateway);
    } catch (error) {
      const ms = performance.now() - startedAt;
      this.failures.push({ at: new Date().toISOString(), what, gateway, status: String(error), ms, body: null });
    }
    return undefined;
  }

  #failed(what: string, { status, body, ms }: Answer, gateway = ''): void {
    this.failures.push({ at: new Date().toISOString(), what, gateway, status, ms: Math.round(ms), body });
  }
}
