import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '#testing/embedded';

interface Execution {
  readonly executionId: string;
  readonly status: string;
  readonly error?: { readonly message: string };
}

interface Timeline {
  readonly duration: number | null;
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly nodeType: string;
    readonly startTime: number;
    readonly duration: number | null;
    readonly recordsProcessed: number;
  }[];
}

/** Runs the sample workflow on real public data and prints its result and timeline. Rejects when it does not complete. */
export async function runSample(url: string, filesRoot: string): Promise<void> {
  const data = join(repositoryRoot(), 'node_modules', 'vega-datasets', 'data');
  for (const file of ['airports.csv', 'flights-20k.json']) copyFileSync(join(data, file), join(filesRoot, file));
  const definition = readFileSync(join(repositoryRoot(), 'deploy/local/sample/delays-by-state.json'), 'utf8');
  const { id } = JSON.parse(definition) as { id: string };
  const created = await send('POST', `${url}/api/v1/workflows`, definition);
  if (created.status === 409) await ok(await send('PUT', `${url}/api/v1/workflows/${id}`, definition));
  else await ok(created);
  const started = (await ok(await send('POST', `${url}/api/v1/workflows/${id}/execute`, '{}'))) as Execution;
  const ended = (await ok(
    await send('GET', `${url}/api/v1/workflows/${id}/executions/${started.executionId}/result?wait=60s`),
  )) as Execution;
  if (ended.status !== 'completed')
    throw new Error(`the sample ended as ${ended.status}: ${ended.error?.message ?? JSON.stringify(ended)}`);
  printResult(join(filesRoot, 'delays-by-state.csv'));
  await printTimeline(url, id, started.executionId);
}

function printResult(file: string): void {
  const rows = readFileSync(file, 'utf8').trim().split('\n');
  process.stdout.write(`\n${file} (${rows.length - 1} rows), the first of them:\n`);
  for (const row of rows.slice(0, 6)) process.stdout.write(`  ${row}\n`);
}

/** The read model follows the log within a second: ask until it has seen the end. */
async function endedTimeline(url: string, id: string, executionId: string): Promise<Timeline> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const response = await send('GET', `${url}/api/history/${id}/timeline?executionId=${executionId}`);
    const timeline = response.status === 404 ? undefined : ((await ok(response)) as Timeline);
    if (timeline && timeline.duration !== null) return timeline;
    if (Date.now() > deadline)
      throw new Error('the read model has not seen the end of the execution within 10 s: is the projector running?');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function printTimeline(url: string, id: string, executionId: string): Promise<void> {
  const timeline = await endedTimeline(url, id, executionId);
  process.stdout.write(`\nexecution ${executionId}, ${timeline.duration} ms:\n`);
  const first = Math.min(...timeline.nodes.map((node) => node.startTime));
  for (const node of timeline.nodes) {
    const at = `+${node.startTime - first} ms`.padStart(9);
    const took = `${node.duration ?? '?'} ms`.padStart(8);
    process.stdout.write(`  ${at}  ${node.nodeId.padEnd(10)} ${node.nodeType.padEnd(11)} ${took}  ${node.recordsProcessed} records\n`);
  }
}

function send(method: string, url: string, body?: string): Promise<Response> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(90_000) });
}

async function ok(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
