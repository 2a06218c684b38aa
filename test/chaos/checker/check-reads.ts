import { setTimeout as delay } from 'node:timers/promises';
import { callHttp } from '../callers/http-way.js';
import { type Entry, standingOf } from '../callers/ledger.js';
import type { ExecutionTrace } from './execution-trace.js';
import type { History } from './history.js';

const statusOf: Readonly<Record<string, string>> = {
  WorkflowCompleted: 'completed',
  WorkflowFailed: 'failed',
  WorkflowCancelled: 'cancelled',
};

/** What owners told of an execution's end, against the log. */
export function checkTold(history: History, told: ReadonlyMap<string, string>): string[] {
  const traces = new Map([...history.executions.values()].map((trace) => [trace.executionId, trace]));
  return [...told].flatMap(([executionId, status]) => {
    const logged = statusOf[traces.get(executionId)?.end?.type ?? ''];
    return logged === status ? [] : [`an owner called ${executionId} ${status}, the log says ${logged ?? 'it has not ended'}`];
  });
}

/** Once it has caught up, the read model and the owners say what the log says. At most `sample` executions, evenly over the run. */
export async function checkReads(url: string, history: History, sample: number): Promise<string[]> {
  const all = [...history.executions.values()];
  const every = Math.max(1, Math.floor(all.length / sample));
  const violations: string[] = [];
  for (const trace of all.filter((_, index) => index % every === 0)) violations.push(...(await checkOne(url, trace)));
  return violations;
}

/** What `GET /commands/{id}` says of commands that were acknowledged or refused. At most `sample` of them. */
export async function checkCommandReads(url: string, entries: readonly Entry[], sample: number): Promise<string[]> {
  const decided = entries.filter((entry) => entry.commandId !== undefined && ['acknowledged', 'refused'].includes(standingOf(entry)));
  const every = Math.max(1, Math.floor(decided.length / sample));
  const violations: string[] = [];
  for (const entry of decided.filter((_, index) => index % every === 0)) {
    const expected = standingOf(entry) === 'acknowledged' ? ['applied'] : ['refused', 'expired'];
    const read = await patiently(url, `/api/v1/commands/${entry.commandId}`, ({ body }) => expected.includes(String(body.status)));
    if (!read.fits)
      violations.push(`command ${entry.commandId} (${entry.operation} ${entry.mark}) is ${expected[0]}; the API says ${read.said}`);
  }
  return violations;
}

async function checkOne(url: string, trace: ExecutionTrace): Promise<string[]> {
  const path = `/api/v1/workflows/${trace.workflowId}/executions/${trace.executionId}`;
  const status = statusOf[trace.end?.type ?? ''];
  const owner = await patiently(url, path, ({ body }) => status === undefined || body.status === status);
  const events = await patiently(
    url,
    `${path}/events?limit=1000`,
    ({ body }) => (body.list as unknown[] | undefined)?.length === trace.seq,
  );
  return [
    ...(owner.fits ? [] : [`${trace.workflowId}/${trace.executionId}: the owner says ${owner.said}, the log ${status}`]),
    ...(events.fits ? [] : [`${trace.workflowId}/${trace.executionId}: the read model has not its ${trace.seq} events: ${events.said}`]),
  ];
}

/** Asks until the answer fits, for ten seconds. */
async function patiently(
  url: string,
  path: string,
  fits: (answer: Awaited<ReturnType<typeof callHttp>>) => boolean,
): Promise<{ fits: boolean; said: string }> {
  const until = Date.now() + 10_000;
  for (;;) {
    const answer = await callHttp(url, { method: 'GET', path });
    if (answer.status === 200 && fits(answer)) return { fits: true, said: '' };
    if (Date.now() > until) return { fits: false, said: `${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}` };
    await delay(250);
  }
}
