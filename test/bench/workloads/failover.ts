import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchCluster } from '../bench-cluster.js';
import { closedLoop, timed } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { failoverFigures, openOn, readSteps } from '../step-log.js';
import { until } from '../until.js';
import { pipeline } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

const steps = 10;
const victim = 'engine-1';
/** Ids decide the partition: so many spread what runs over both engines. */
const workflows = Array.from({ length: 40 }, (_, i) => `slow-${i}`);
const workflowOf = (index: number) => workflows[index % workflows.length] ?? 'slow-0';
const endsWithinMs = 120_000;

/** W3: two engines, executions of 10 steps of 100 ms, kill -9 of one of them in the middle. */
export async function failover(emit: Emit, { runs, size = 200 }: WorkloadOptions): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-steps-'));
    const stepLog = join(directory, 'steps.log');
    const bench = await BenchCluster.start({ engines: 2, environment: { MILLRACE_BENCH_STEP_LOG: stepLog } });
    try {
      for (const id of workflows) await bench.create(pipeline(id, steps, 'bench.slow'));
      await closedLoop(workflows.length, workflows.length, (i) => bench.client.run(workflowOf(i)));
      emit({ workload: 'failover', run, size, ...(await killInTheMiddle(bench, stepLog, size)) });
    } finally {
      await bench.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

async function killInTheMiddle(bench: BenchCluster, stepLog: string, size: number) {
  const executions = new Map<string, string>();
  const starts = closedLoop(
    size,
    size,
    timed(async (i) => executions.set(await bench.client.start(workflowOf(i)), workflowOf(i))),
  );
  await until('the middle', () => isMiddle(stepLog, executions, size) || undefined, { withinMs: 60_000, everyMs: 10 });
  const killedAt = Date.now();
  await bench.cluster.engines.find(({ instance }) => instance === victim)?.kill();
  const { errors } = await starts; // a start that the kill left without an answer
  const ends = await Promise.allSettled([...executions].map(([id, workflowId]) => bench.client.end(workflowId, id, endsWithinMs)));
  const completed = ends.filter((end) => end.status === 'fulfilled' && end.value === 'completed').length;
  const notEnded = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason).slice(0, 300)] : []));
  return {
    ...failoverFigures(readSteps(stepLog, executions), victim, killedAt, steps - 1),
    steps: executions.size * steps,
    startErrors: errors,
    acknowledged: executions.size,
    completed,
    allComplete: completed === executions.size,
    allDoneMs: Date.now() - killedAt,
    ...(notEnded.length === 0 ? {} : { notEnded: notEnded.slice(0, 3) }),
  };
}

/** 15 % of the steps are done, as at the peers, and at least five executions are in the victim's hands. */
function isMiddle(stepLog: string, executions: ReadonlyMap<string, string>, size: number): boolean {
  const events = readSteps(stepLog, executions);
  const done = events.filter(({ kind }) => kind === 'd').length;
  return done >= 0.15 * size * steps && openOn(victim, events, steps - 1).length >= 5;
}
