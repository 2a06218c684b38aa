import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Executions that a caller was told of, and what became of each. */
export class Load {
  readonly acknowledged = new Map<string, string>();
  #running = true;
  #loops: Promise<void>[] = [];

  constructor(
    private readonly urls: () => readonly string[],
    private readonly workflowIds: readonly string[],
  ) {}

  /** Starts callers that each execute one workflow after the other, repeating with the same key until they are answered. */
  start(callers: number): this {
    this.#loops = Array.from({ length: callers }, (_, i) => this.#call(i));
    return this;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #call(caller: number): Promise<void> {
    for (let i = caller; this.#running; i += 1) {
      const workflowId = this.workflowIds[i % this.workflowIds.length] ?? '';
      const executionId = await this.#execute(workflowId, randomUUID());
      if (executionId) this.acknowledged.set(executionId, workflowId);
    }
  }

  /** Repeats with the same Idempotency-Key for at most 90 s: a repeat must never start a second execution. */
  async #execute(workflowId: string, key: string): Promise<string | undefined> {
    const deadline = Date.now() + 90_000;
    while (Date.now() < deadline) {
      const answer = await this.#post(workflowId, key);
      if (answer) return answer;
      if (!this.#running && Date.now() > deadline - 60_000) return undefined;
      await delay(100);
    }
    throw new Error(`no answer to ${key} within 90 s`);
  }

  async #post(workflowId: string, key: string): Promise<string | undefined> {
    const urls = this.urls();
    const url = urls[Math.floor(Math.random() * urls.length)];
    try {
      const response = await fetch(`${url}/api/v1/workflows/${workflowId}/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: '{}',
        signal: AbortSignal.timeout(15_000),
      });
      const body = (await response.json()) as { executionId?: string; code?: string };
      if (response.ok) return body.executionId;
      if (![408, 429, 503].includes(response.status)) throw new TypeError(`execute answered ${response.status}: ${JSON.stringify(body)}`);
      return undefined;
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith('execute answered')) throw error;
      return undefined; // the gateway is away: ask again
    }
  }
}

/** Waits until every execution has ended; returns those that have not when the time is up, with why. */
export async function untilEnded(url: string, executions: ReadonlyMap<string, string>, timeoutMs: number): Promise<string[]> {
  const deadline = Date.now() + timeoutMs;
  const open = new Map(executions);
  const states = new Map<string, string>();
  while (open.size > 0 && Date.now() < deadline) {
    for (const [executionId, workflowId] of [...open]) {
      const state = await executionState(url, workflowId, executionId);
      states.set(executionId, state);
      if (state === 'completed') open.delete(executionId);
    }
    if (open.size > 0) await delay(250);
  }
  return [...open.keys()].map((id) => `${id}: ${states.get(id)}`);
}

async function executionState(url: string, workflowId: string, executionId: string): Promise<string> {
  try {
    const response = await fetch(`${url}/api/v1/workflows/${workflowId}/executions/${executionId}`, {
      signal: AbortSignal.timeout(10_000),
    });
    const body = (await response.json()) as { status?: string; waitingFor?: unknown };
    return response.ok && body.status === 'completed' ? 'completed' : `${response.status} ${JSON.stringify(body).slice(0, 500)}`;
  } catch (error) {
    return String(error);
  }
}
