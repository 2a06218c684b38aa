import { setTimeout as delay } from 'node:timers/promises';
import { BenchCluster } from '../bench-cluster.js';
import { percentile } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { EventTail } from '../event-tail.js';
import { RunningLoad } from '../running-load.js';
import { until } from '../until.js';
import type { WorkloadOptions } from '../workload.js';

const manySteps = 100;
const fewSteps = 20;
const leastStepMs = 250;
const settleMs = 3_000;
const withinMs = 30_000;

/**
 * Three engines with `size` running executions, each of a workflow of its own; all together make at most 1,000 steps a second. Each run stops one with SIGTERM, in turn, then starts it again: how long anything stood still, on partitions that moved and on those that did not. `none` is the same measure while nothing moves.
 */
export async function moves(emit: Emit, { runs, size = 200 }: WorkloadOptions): Promise<void> {
  const bench = await BenchCluster.start({ engines: 3, environment: { MILLRACE_LOG_LEVEL: 'info' } });
  const tail = await EventTail.start(bench.cluster.kafka.brokers);
  const stepMs = Math.max(leastStepMs, size);
  const steps = size < 1_000 ? manySteps : fewSteps; // a workflow of its own for each: a large graph for each would measure parsing
  let load: RunningLoad | undefined;
  try {
    load = await RunningLoad.start(bench, { size, steps, stepMs, workflows: Math.ceil(size / 32) * 32 });
    for (let run = 0; run < runs; run += 1) {
      const instance = `engine-${(run % 3) + 1}`;
      emit({ workload: 'moves', run, size, move: 'none', ...(await moved(tail, stepMs, () => delay(2_000, {}))) });
      emit({ workload: 'moves', run, size, move: 'leave', instance, ...(await moved(tail, stepMs, () => leave(bench, tail, instance))) });
      emit({ workload: 'moves', run, size, move: 'join', instance, ...(await moved(tail, stepMs, () => join(bench, tail, instance))) });
    }
  } finally {
    load?.stop();
    await tail.stop();
    await bench.stop();
  }
}

/** Does it between two quiet times, and measures around it. */
async function moved(tail: EventTail, stepMs: number, move: () => Promise<object>) {
  await delay(settleMs);
  const from = Date.now();
  tail.forgetBefore(from - stepMs - 1_000);
  const before = new Map(tail.owners);
  const figures = await move();
  const lastFenceMs = Math.max(0, ...tail.fences.filter(({ at }) => at >= from).map(({ at }) => at - from));
  await delay(stepMs + 1_250); // what stood still at the end would show in the next event
  const hasMoved = (partition: number) => tail.owners.get(partition) !== before.get(partition);
  const gaps = gapsOf(tail, from, stepMs);
  const on = (test: (partition: number) => boolean) => gaps.filter(({ partition }) => test(partition)).map(({ ms }) => ms);
  const [movedGaps, keptGaps] = [on(hasMoved), on((partition) => !hasMoved(partition))];
  return {
    ...figures,
    lastFenceMs,
    movedPartitions: [...before.keys()].filter(hasMoved).length,
    fencesPerMovedPartition: fencesOf(tail, from, hasMoved),
    movedGapP50Ms: percentile(movedGaps, 50),
    movedGapMaxMs: percentile(movedGaps, 100),
    keptGapP50Ms: percentile(keptGaps, 50),
    keptGapMaxMs: percentile(keptGaps, 100),
  };
}

/** The longest time of each execution without an event, less the length of a step. */
function gapsOf(tail: EventTail, from: number, stepMs: number): { partition: number; ms: number }[] {
  const last = new Map<string, number>();
  const gaps = new Map<string, { partition: number; ms: number }>();
  for (const { entity, partition, at } of tail.records) {
    if (entity.endsWith('/-')) continue; // a workflow: its events come when they come
    const ms = at - (last.get(entity) ?? at) - stepMs;
    last.set(entity, at);
    if (at >= from && ms > (gaps.get(entity)?.ms ?? -1)) gaps.set(entity, { partition, ms });
  }
  return [...gaps.values()];
}

/** 1 = each moved once. */
function fencesOf(tail: EventTail, from: number, hasMoved: (partition: number) => boolean): number {
  const fences = tail.fences.filter(({ at, partition }) => at >= from && hasMoved(partition));
  const partitions = new Set(fences.map(({ partition }) => partition));
  return partitions.size === 0 ? 0 : Math.round((fences.length / partitions.size) * 100) / 100;
}

async function leave(bench: BenchCluster, tail: EventTail, instance: string) {
  const { engines } = bench.cluster;
  const startedAt = Date.now();
  const [leaving] = engines.splice(
    engines.findIndex((engine) => engine.instance === instance),
    1,
  );
  await leaving?.stop();
  const exitedMs = Date.now() - startedAt;
  await until('its partitions have new owners', () => ![...tail.owners.values()].includes(instance) || undefined, { withinMs });
  return { exitedMs };
}

async function join(bench: BenchCluster, tail: EventTail, instance: string) {
  const startedAt = Date.now();
  const engine = await bench.cluster.addEngine(instance);
  const share = () => [...tail.owners.values()].filter((owner) => owner === instance).length;
  await until('it has its share', () => share() >= Math.floor(tail.owners.size / 3) || undefined, { withinMs, everyMs: 5 });
  const shareMs = Date.now() - startedAt;
  await engine.ready();
  return { shareMs };
}
