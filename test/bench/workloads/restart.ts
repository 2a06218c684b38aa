import { BenchCluster } from '../bench-cluster.js';
import { closedLoop, timed } from '../closed-loop.js';
import type { Emit } from '../emit.js';
import { recoveriesOf, recoveryFigures } from '../engine-log.js';
import { engineMemory, kibPerExecution, whenPassivated } from '../engine-memory.js';
import { waitForQuiet } from '../proc-meter.js';
import { until } from '../until.js';
import { createWaiterWorkflows, startWaiters, type Waiter } from '../waiters.js';
import type { WorkloadOptions } from '../workload.js';

/** Long enough for the memory of waiters that are still in use, short enough not to wait for. */
const passivateAfterMs = 20_000;
const environment = { MILLRACE_LOG_LEVEL: 'info', MILLRACE_PASSIVATE_AFTER_MS: String(passivateAfterMs) };
/** A broker that was killed is let in again when its controller takes the old one for gone; by default that alone is 9 s. */
const kafkaProperties = { 'broker.session.timeout.ms': '2000', 'broker.heartbeat.interval.ms': '500' };
const withinMs = 120_000;
const sampleSize = 200;

/** W4: executions that wait for a signal, kill -9 of everything, a cold restart; beside it what a waiter costs in memory. */
export async function restart(emit: Emit, { runs, size = 10_000 }: WorkloadOptions): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    const bench = await BenchCluster.start({ environment, kafkaProperties });
    try {
      const fresh = await engineMemory(bench);
      await createWaiterWorkflows(bench);
      const { waiters, figures } = await fill(bench, size);
      const quiet = await waitForQuiet();
      await bench.killAll();
      emit({ workload: 'restart', run, size, waiting: waiters.length, fresh, ...figures, ...(await coldStart(bench, waiters)), quiet });
    } finally {
      await bench.stop();
    }
  }
}

async function fill(bench: BenchCluster, size: number) {
  const { waiters: warm } = await startWaiters(bench, Math.min(2_000, size)); // the engine's code is optimised, its heap has its size
  const empty = await whenPassivated(bench, passivateAfterMs * 3);
  const { waiters, starting } = await startWaiters(bench, size);
  const hot = await engineMemory(bench);
  const passivated = await whenPassivated(bench, passivateAfterMs * 4);
  const inMemory = hot.hotEntities - empty.hotEntities; // where starting takes long, the first have left already
  const perExecution = {
    hotRssKiB: kibPerExecution(empty, hot, 'rssMiB', inMemory),
    hotHeapKiB: kibPerExecution(empty, hot, 'heapMiB', inMemory),
    passivatedRssKiB: kibPerExecution(empty, passivated, 'rssMiB', waiters.length),
    passivatedHeapKiB: kibPerExecution(empty, passivated, 'heapMiB', waiters.length),
  };
  return { waiters: [...warm, ...waiters], figures: { starting, memory: { empty, hot, passivated, perExecution } } };
}

/** From the first process started again: until any answer, the owner's answer, a signal accepted and its execution completed. */
async function coldStart(bench: BenchCluster, waiters: readonly Waiter[]) {
  const restartedAt = Date.now();
  const startedAt = performance.now();
  const since = () => Math.round(performance.now() - startedAt);
  const { engine, serversUp } = await bench.startAgain();
  const serversMs = serversUp.then(since);
  const one = waiters[Math.floor(waiters.length / 2)];
  if (!one) throw new Error('nobody waits: no execution was started');
  const execution = `/api/v1/workflows/${one.workflowId}/executions/${one.executionId}`;
  const isWaiting = async (from?: string) => {
    const answer = await bench.client.probe(execution, 2_000);
    return (answer.body.status === 'waiting' && (from === undefined || answer.from === from)) || undefined;
  };
  await until('a status', () => isWaiting(), { withinMs });
  const statusMs = since();
  await until('the owner’s status', () => isWaiting('owner'), { withinMs });
  const ownerStatusMs = since();
  await until('a signal', async () => (await bench.client.probe(`${execution}/signal/go`, 5_000, 'POST')).status === 200 || undefined, {
    withinMs,
  });
  const signalMs = since();
  const end = await bench.client.end(one.workflowId, one.executionId, withinMs);
  const completedMs = since();
  const memory = await engineMemory(bench);
  const sample = await signalSample(
    bench,
    waiters.filter((other) => other !== one),
  );
  const recovery = recoveryFigures(recoveriesOf(engine, restartedAt));
  return { serversMs: await serversMs, statusMs, ownerStatusMs, signalMs, completedMs, end, afterRestart: memory, recovery, sample };
}

/** Whether others still wait too: a signal to some, evenly taken, and their ends. */
async function signalSample(bench: BenchCluster, waiters: readonly Waiter[]) {
  const count = Math.min(sampleSize, waiters.length);
  const signalled = timed(async (i) => {
    const { workflowId, executionId } = waiters[Math.floor((i * waiters.length) / count)] ?? { workflowId: '', executionId: '' };
    await bench.client.post(`/api/v1/workflows/${workflowId}/executions/${executionId}/signal/go`, {});
    const end = await bench.client.end(workflowId, executionId, 30_000);
    if (end !== 'completed') throw new Error(`${executionId} ended as ${end}`);
  });
  return closedLoop(count, 16, signalled);
}
