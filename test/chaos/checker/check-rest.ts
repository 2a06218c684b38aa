import { setTimeout as delay } from 'node:timers/promises';
import { callHttp } from '../callers/http-way.js';
import { type Entry, standingOf } from '../callers/ledger.js';
import type { History } from './history.js';

/**
 * Waits, once the faults are over, until the log is at rest: every command that was durable is decided, every execution has ended or the
 * API names a signal that it waits for. Returns what does not come to rest within the time.
 */
export async function untilAtRest(url: () => string, history: History, entries: readonly Entry[], withinMs: number): Promise<string[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const restless = [...undecided(history, entries), ...(await unnamed(url(), history))];
    if (restless.length === 0 || Date.now() > until) return restless;
    await delay(500);
  }
}

function undecided(history: History, entries: readonly Entry[]): string[] {
  return entries
    .filter((entry) => standingOf(entry) === 'durable' && entry.commandId !== undefined && !history.commands.has(entry.commandId))
    .map(
      ({ operation, mark, commandId, workflowId }) => `not decided: ${operation} ${mark}, command ${commandId} of workflow ${workflowId}`,
    );
}

async function unnamed(url: string, history: History): Promise<string[]> {
  const open = [...history.executions.values()].filter(({ end }) => end === undefined);
  const found: string[] = [];
  for (const { workflowId, executionId, lastFact } of open) {
    const path = `/api/v1/workflows/${workflowId}/executions/${executionId}`;
    const { status, body } = await callHttp(url, { method: 'GET', path });
    const kind = (body.waitingFor as Record<string, unknown> | undefined)?.kind;
    if (status !== 200 || kind !== 'signal') {
      found.push(`not at rest: ${workflowId}/${executionId}, last fact ${lastFact}: ${status} ${JSON.stringify(body).slice(0, 400)}`);
    }
  }
  return found;
}
