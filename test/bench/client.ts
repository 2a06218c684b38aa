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

  /** Starts an execution, waits for its end. */
  async run(workflowId: string): Promise<{ ack: number; total: number }> {
    const started = performance.now();
    const { executionId } = await this.post(`/api/v1/workflows/${workflowId}/execute`, {});
    const ack = performance.now() - started;
    const result = await this.get(`/api/v1/workflows/${workflowId}/executions/${String(executionId)}/result?wait=60s`);
    if (result.status !== 'completed') throw new Error(`ended as ${JSON.stringify(result).slice(0, 300)}`);
    return { ack, total: performance.now() - started };
  }
}

async function answer(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
