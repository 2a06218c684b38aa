import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppProcess } from '#testing/cluster';
import { BenchCluster } from '../bench-cluster.js';
import { percentile } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { EventTail } from '../event-tail.js';
import { stagesOf } from '../member-log.js';
import { RunningLoad } from '../running-load.js';
import { until } from '../until.js';
import type { WorkloadOptions } from '../workload.js';

const steps = 20;
const stepMs = 2_000;
const settleMs = 4_000;
const withinMs = 30_000;

/** By what a member is lost: SIGSTOP is a host that falls silent, for all that its peers can see. */
const how = process.env.MILLRACE_BENCH_KILL === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';

/** Three engines with `size` running executions; each run kills one with SIGKILL, in turn, and starts it again: from the kill to the first new event of every partition that it owned. */
export async function kills(emit: Emit, { runs, size = 1_000 }: WorkloadOptions): Promise<void> {
  const bench = await BenchCluster.start({ engines: 3, environment: { MILLRACE_LOG_LEVEL: 'info', ...environment() } });
  const tail = await EventTail.start(bench.cluster.kafka.brokers);
  let load: RunningLoad | undefined;
  try {
    load = await RunningLoad.start(bench, { size, steps, stepMs });
    const all: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await delay(settleMs);
      tail.forgetBefore(Date.now());
      const { firstEvents, ...figures } = await killOne(bench, tail, `engine-${(run % 3) + 1}`);
      all.push(...firstEvents);
      emit({ workload: 'kills', run, size, ...figures });
    }
    emit({ workload: 'kills', runs, size, errors: load.errors, partitions: all.length, ...spread('firstEvent', all) });
  } finally {
    load?.stop();
    await tail.stop();
    await bench.stop();
  }
}

async function killOne(bench: BenchCluster, tail: EventTail, victim: string) {
  const { engines } = bench.cluster;
  const index = engines.findIndex(({ instance }) => instance === victim);
  const partitions = [...tail.owners].filter(([, owner]) => owner === victim).map(([partition]) => partition);
  const killedAt = Date.now();
  const [dead] = engines.splice(index, 1);
  dead?.signal(how);
  const taken = await until('every partition went on', () => wentOn(tail, partitions, killedAt, victim), { withinMs, everyMs: 50 });
  const stages = stagesOf(engines, victim, killedAt);
  const firstEvents = taken.map(({ event }) => event - killedAt);
  await dead?.kill();
  await restored(bench, tail, victim);
  return {
    victim,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    partitions: partitions.length,
    suspectedMs: stages.suspected === undefined ? null : stages.suspected - killedAt,
    assignedMs: stages.assigned === undefined ? null : stages.assigned - killedAt,
    ...spread(
      'fence',
      taken.map(({ fence }) => fence - killedAt),
    ),
    ...spread('firstEvent', firstEvents),
    firstEvents,
  };
}

/** For each partition, when its new owner fenced it and when the first event under that fence was written; undefined while one is missing. */
function wentOn(tail: EventTail, partitions: readonly number[], killedAt: number, victim: string) {
  const taken = partitions.flatMap((partition) => {
    const fences = tail.fences.filter((fence) => fence.partition === partition && fence.at >= killedAt && fence.instance !== victim);
    const epochs = new Set(fences.map(({ epoch }) => epoch));
    const event = tail.records.find((record) => record.partition === partition && record.at >= killedAt && epochs.has(record.epoch));
    const [fence] = fences;
    return event && fence ? [{ fence: fence.at, event: event.at }] : [];
  });
  return taken.length === partitions.length ? taken : undefined;
}

/** Starts it again under its name and waits until it has its share. */
async function restored(bench: BenchCluster, tail: EventTail, instance: string): Promise<AppProcess> {
  const engine = await startAgain(bench, instance);
  const share = () => [...tail.owners.values()].filter((owner) => owner === instance).length;
  await until(`${instance} has its share`, () => share() >= Math.floor(tail.owners.size / 3) || undefined, { withinMs });
  return engine;
}

/** Once more where somebody has taken its admin port between the choice and the start. */
async function startAgain(bench: BenchCluster, instance: string): Promise<AppProcess> {
  const engine = await bench.cluster.addEngine(instance);
  try {
    await engine.ready();
    return engine;
  } catch (error) {
    if (engine.running) throw error;
    bench.cluster.engines.pop();
    const again = await bench.cluster.addEngine(instance);
    await again.ready();
    return again;
  }
}

function spread(name: string, values: readonly number[]) {
  return { [`${name}P50Ms`]: percentile(values, 50), [`${name}P99Ms`]: percentile(values, 99), [`${name}MaxMs`]: percentile(values, 100) };
}

/** `MILLRACE_BENCH_DETECTOR=off` measures the session time-out alone. */
function environment(): Record<string, string> {
  const detector = process.env.MILLRACE_BENCH_DETECTOR;
  return detector === undefined ? {} : { MILLRACE_FAILURE_DETECTOR: detector };
}
