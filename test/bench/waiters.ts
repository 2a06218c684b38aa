import type { BenchCluster } from './bench-cluster.js';
import { timed } from './closed-loop.js';
import { waiter } from './workflows.js';

/** An execution that waits for the signal `go`. */
export interface Waiter {
  readonly workflowId: string;
  readonly executionId: string;
}

const workflows = Array.from({ length: 16 }, (_, i) => `waiter-${i}`);

export async function createWaiterWorkflows(bench: BenchCluster): Promise<void> {
  for (const id of workflows) await bench.create(waiter(id));
}

/** Starts `count` executions that wait for a signal, 64 in flight, over 16 workflows: `starting` are the figures of it. */
export async function startWaiters(bench: BenchCluster, count: number) {
  const waiters: Waiter[] = [];
  const start = timed(async (i) => {
    const workflowId = workflows[i % workflows.length] ?? 'waiter-0';
    waiters.push({ workflowId, executionId: await bench.client.start(workflowId) });
  });
  const { perSecond, ackP50, ackP99, errors, cpuPer1000 } = await bench.metered(count, 64, start);
  return { waiters, starting: { perSecond, ackP50, ackP99, errors, cpuPer1000 } };
}
