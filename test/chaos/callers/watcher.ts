import { setTimeout as delay } from 'node:timers/promises';
import { callHttp } from './http-way.js';

/** An execution that somebody was told of. */
interface Watched {
  readonly workflowId: string;
  readonly executionId: string;
  /** The end that an owner told. */
  ended: string | undefined;
}

const terminal = new Set(['completed', 'failed', 'cancelled', 'timed_out']);

/** Keeps asking for executions that were acknowledged: they must never be unknown, and what has ended stays ended. */
export class Watcher {
  readonly violations: string[] = [];
  /** The end of each execution as owners told it, by execution id. */
  readonly told = new Map<string, string>();
  readonly #open: Watched[] = [];
  questions = 0;

  constructor(
    private readonly url: () => string,
    private readonly isOver: () => boolean,
  ) {}

  watch(workflowId: string, executionId: string): void {
    if (this.#open.length < 2_000) this.#open.push({ workflowId, executionId, ended: undefined });
  }

  /** Asks about one after the other; an ended one is asked about once more, then let go. */
  async run(): Promise<void> {
    while (!this.isOver()) {
      const next = this.#open.shift();
      if (next && !(await this.#ask(next))) this.#open.push(next);
      await delay(next ? 30 : 100);
    }
  }

  /** Whether there is nothing more to ask. */
  async #ask(watched: Watched): Promise<boolean> {
    const { workflowId, executionId, ended } = watched;
    const answer = await callHttp(this.url(), { method: 'GET', path: `/api/v1/workflows/${workflowId}/executions/${executionId}` });
    this.questions += 1;
    const where = `${workflowId}/${executionId} at ${new Date(answer.at).toISOString()}`;
    if (answer.status === 404) {
      this.violations.push(`an acknowledged execution is unknown: ${where}: ${JSON.stringify(answer.body).slice(0, 200)}`);
      return true;
    }
    if (answer.status === 500) this.violations.push(`500 for ${where}: ${JSON.stringify(answer.body).slice(0, 300)}`);
    if (answer.ms > 14_000) this.violations.push(`no answer within ${answer.ms} ms for ${where}`);
    if (answer.status !== 200 || answer.body.readFrom !== 'owner') return false;
    const status = String(answer.body.status);
    if (ended !== undefined && status !== ended) this.violations.push(`was ${ended}, then ${status}: ${where}`);
    if (!terminal.has(status)) return false;
    this.told.set(executionId, status);
    watched.ended = status;
    return ended !== undefined;
  }
}
