import { until } from './until.js';

/** An answer, with its status and where it was read from (`owner` or `read-model`). */
export interface ProbeAnswer {
  readonly status: number;
  readonly from: string | null;
  readonly body: Record<string, unknown>;
}

const finished = ['completed', 'failed', 'cancelled', 'timed_out'];

/** The benchmark's HTTP client: Node's fetch, as the peers' clients use it. */
export class BenchClient {
  constructor(private readonly url: string) {}

  async post(path: string, body: unknown): Promise<Record<string, unknown>> {
    return answer(
      await fetch(`${this.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    );
  }

  async get(path: string): Promise<Record<string, unknown>> {
    return answer(await fetch(`${this.url}${path}`));
  }

  async remove(path: string): Promise<Record<string, unknown>> {
    return answer(await fetch(`${this.url}${path}`, { method: 'DELETE' }));
  }

  /** One question during an outage: given up after `timeoutMs`. A refusal is an answer. */
  async probe(path: string, timeoutMs: number, method: 'GET' | 'POST' = 'GET'): Promise<ProbeAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: '{}' } : {}),
    });
    const body = JSON.parse(await response.text()) as Record<string, unknown>;
    return { status: response.status, from: response.headers.get('x-read-from'), body };
  }

  /** Starts an execution; its id. */
  async start(workflowId: string): Promise<string> {
    const { executionId } = await this.post(`/api/v1/workflows/${workflowId}/execute`, {});
    return String(executionId);
  }

  /** Starts an execution, waits for its end. */
  async run(workflowId: string): Promise<{ ack: number; total: number }> {
    const started = performance.now();
    const executionId = await this.start(workflowId);
    const ack = performance.now() - started;
    const result = await this.get(`/api/v1/workflows/${workflowId}/executions/${executionId}/result?wait=60s`);
    if (result.status !== 'completed') throw new Error(`ended as ${JSON.stringify(result).slice(0, 300)}`);
    return { ack, total: performance.now() - started };
  }

  /** How an execution ended, asked again through any outage; rejects when it has not within `withinMs`. */
  async end(workflowId: string, executionId: string, withinMs: number): Promise<string> {
    const path = `/api/v1/workflows/${workflowId}/executions/${executionId}/result?wait=10s`;
    return until(
      `the end of ${executionId}`,
      async () => {
        const { body } = await this.probe(path, 15_000);
        return finished.find((status) => status === body.status);
      },
      { withinMs, everyMs: 100 },
    );
  }
}

async function answer(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
