import { setTimeout as delay } from 'node:timers/promises';
import { partitionOf } from '#protocol';
import { BenchCluster } from '../bench-cluster.js';
import { closedLoop, percentile } from '../closed-loop.js';
import { executeBurst, idOn } from '../command-burst.js';
import type { Emit } from '../emit.js';
import { until } from '../until.js';
import { occupier, pipeline } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

const partitions = 32;
const samples = 300;
const everyMs = 40;

/** What keeps the noisy workflow busy: threads that wait, threads that compute, or steps on the engine's loop. */
const noises = {
  waits: (id: string) => occupier(id, 200, false),
  computes: (id: string) => occupier(id, 200, true),
  steps: (id: string) => pipeline(id, 5),
};

interface Victims {
  readonly loop: string;
  readonly thread: string;
}

/**
 * Two victims, 25 starts/s each at a steady pace (five steps on the loop; one short task in a thread), alone and beside a workflow
 * with 10,000 executions: while those are started by a burst of commands, while they queue, and while they are cancelled.
 */
export async function isolation(emit: Emit, { runs, size = 10_000 }: WorkloadOptions): Promise<void> {
  const bench = await BenchCluster.start();
  try {
    const victims: Victims = { loop: await bench.create(pipeline('victim', 5)), thread: '' };
    const partition = partitionOf(victims.loop, partitions);
    const both = { ...victims, thread: await bench.create(occupier(idOn(partition, partitions, 'victim-thread'), 1, false)) };
    await closedLoop(3_000, 32, () => bench.client.run(both.loop));
    await closedLoop(200, 8, () => bench.client.run(both.thread));
    const wanted = process.env.MILLRACE_BENCH_NOISE?.split(',') ?? Object.keys(noises);
    for (let run = 0; run < runs; run += 1)
      for (const place of ['same partition', 'other partition'] as const)
        for (const noise of wanted) {
          const id = idOn(partition, partitions, `noise-${noise}-${run}`, place === 'other partition');
          await beside(bench, { emit, head: { workload: 'isolation', run, noise, place }, victims: both, id, size });
        }
  } finally {
    await bench.stop();
  }
}

interface Round {
  readonly emit: Emit;
  readonly head: { readonly workload: string; readonly run: number; readonly noise: string; readonly place: string };
  readonly victims: Victims;
  readonly id: string;
  readonly size: number;
}

async function beside(bench: BenchCluster, { emit, head, victims, id, size }: Round): Promise<void> {
  const definition = Object.entries(noises).find(([name]) => name === head.noise)?.[1];
  if (definition === undefined) throw new Error(`no noise ${head.noise}`);
  await bench.create(definition(id));
  const measure = async (phase: string, enough?: () => boolean) => emit({ ...head, phase, ...(await paced(bench, victims, enough)) });
  await measure('alone');
  let over = false;
  const burst = executeBurst(bench.cluster.kafka.brokers, id, size)
    .then(() => started(bench, id, size))
    .finally(() => {
      over = true;
    });
  const begun = performance.now();
  const whenStarted = burst.then(() => Math.round(performance.now() - begun));
  await measure('while started', () => over);
  const startedInMs = await whenStarted;
  emit({ ...head, phase: 'started', startedInMs });
  await measure('queued');
  await bench.client.remove(`/api/v1/workflows/${id}?force=true`);
  await measure('while cancelled');
  await delay(2_000);
}

/** Resolves once all of the burst are counted as executions of the workflow. */
function started(bench: BenchCluster, id: string, size: number): Promise<true> {
  const look = async () => Number((await bench.client.get(`/api/v1/workflows/${id}/status`)).executionCount) >= size || undefined;
  return until(`the start of ${size} executions`, look, { withinMs: 120_000, everyMs: 100 });
}

/** Starts both victims at a steady pace, whatever their answers take: 300 each, or until `enough` with at least 20. */
async function paced(bench: BenchCluster, victims: Victims, enough: () => boolean = () => false) {
  const times = { loop: [] as number[], thread: [] as number[] };
  const running: Promise<void>[] = [];
  let errors = 0;
  let firstError: string | undefined;
  const begun = performance.now();
  for (let i = 0; i < samples && !(i >= 20 && enough()); i += 1) {
    for (const kind of ['loop', 'thread'] as const) {
      const one = bench.client.run(victims[kind]).then(
        ({ total }) => {
          times[kind].push(total);
        },
        (error: unknown) => {
          errors += 1;
          firstError ??= String(error).slice(0, 300);
        },
      );
      running.push(one);
    }
    await delay(Math.max(0, begun + (i + 1) * everyMs - performance.now()));
  }
  await Promise.all(running);
  return { loop: summary(times.loop), thread: summary(times.thread), errors, ...(firstError === undefined ? {} : { firstError }) };
}

function summary(times: readonly number[]) {
  return { count: times.length, p50: percentile(times, 50), p95: percentile(times, 95), p99: percentile(times, 99) };
}
