import { until } from './until.js';

/** An answer as any HTTP client gets it; a body that is not JSON is under `text`. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** A caller of the HTTP API that knows only its paths. */
export class Client {
  constructor(private readonly url: () => string) {}

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  async send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(60_000);
    const response = await fetch(`${this.url()}${path}`, { method, headers, signal, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text), ms: performance.now() - startedAt };
  }

  /** Starts an execution; throws unless it was started. */
  async execute(workflowId: string, body: unknown = {}): Promise<string> {
    const answer = await this.post(`/api/v1/workflows/${workflowId}/execute`, body);
    if (answer.status !== 200) throw new Error(`execute answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return String(answer.body.executionId);
  }

  async detail(workflowId: string, executionId: string): Promise<Answer['body']> {
    return (await this.get(`/api/v1/workflows/${workflowId}/executions/${executionId}`)).body;
  }

  /** The detail once the execution has one of these statuses. */
  reaches(workflowId: string, executionId: string, statuses: readonly string[], timeoutMs = 20_000): Promise<Answer['body']> {
    let last: unknown;
    const look = async () => {
      const detail = await this.detail(workflowId, executionId);
      last = detail;
      return statuses.includes(String(detail.status)) ? detail : undefined;
    };
    return until(`${executionId} becomes ${statuses.join(' or ')}`, look, timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; last: ${JSON.stringify(last)}`);
    });
  }

  /** Executes and waits for the end. */
  async run(workflowId: string, body: unknown = {}, timeoutMs = 20_000): Promise<Answer['body']> {
    return this.reaches(workflowId, await this.execute(workflowId, body), ['completed', 'failed', 'cancelled', 'timed_out'], timeoutMs);
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
