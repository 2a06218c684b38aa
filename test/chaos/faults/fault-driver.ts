import { setTimeout as delay } from 'node:timers/promises';
import type { FaultInjector } from './fault-injector.js';
import type { FaultKind, FaultPlan } from './fault-plan.js';

/** No process may start while topics are set for compaction (it would refuse them), and a rolling restart needs every engine. */
const exclusive: ReadonlySet<FaultKind> = new Set(['compaction', 'rolling-restart']);
const mostAtOnce = 3;

/** Plays a plan until `isOver`, and returns when the last fault is undone. */
export async function playFaults(plan: FaultPlan, injector: FaultInjector, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const planned = plan.next();
    const isExclusive = exclusive.has(planned.fault.kind);
    if (isExclusive || injector.underWay >= mostAtOnce) await injector.settled();
    if (isOver()) break;
    const done = injector.start(planned);
    if (planned.alone || isExclusive) await done;
    await delay(planned.pauseMs);
  }
  await injector.settled();
}
