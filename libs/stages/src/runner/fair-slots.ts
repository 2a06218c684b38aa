import { FairQueue } from './fair-queue.js';

/**
 * A bounded number of slots and what waits for one. A free slot goes to the workflow that holds the fewest; of several, in turn.
 * Beyond `size` there are guest slots, half as many, for workflows that hold none: jobs that run for hours in all slots cannot
 * keep the others waiting.
 */
export class FairSlots<Job> {
  private readonly queue = new FairQueue<Job>();
  private readonly held = new Map<string, number>();
  private readonly runningJobs = new Set<Job>();
  private readonly guests: number;

  constructor(readonly size: number) {
    this.guests = Math.ceil(size / 2);
  }

  get running(): ReadonlySet<Job> {
    return this.runningJobs;
  }

  get waiting(): number {
    return this.queue.size;
  }

  /** How many jobs of a workflow wait. */
  waitingOf(workflowId: string): number {
    return this.queue.sizeOf(workflowId);
  }

  add(workflowId: string, job: Job): void {
    this.queue.add(workflowId, job);
  }

  /** The next job that may run now; it holds a slot until it leaves. */
  take(): Job | undefined {
    const used = this.runningJobs.size;
    if (used >= this.size + this.guests) return undefined;
    const taken = this.queue.next((workflowId) => this.held.get(workflowId) ?? 0, used < this.size ? undefined : 0);
    if (taken === undefined) return undefined;
    this.runningJobs.add(taken.item);
    this.held.set(taken.key, (this.held.get(taken.key) ?? 0) + 1);
    return taken.item;
  }

  /** The oldest one that waits, out of the queue and without a slot. */
  drop(): Job | undefined {
    return this.queue.next(() => 0)?.item;
  }

  /** A job is over, whether it ran or only waited. */
  leave(workflowId: string, job: Job): void {
    this.queue.remove(workflowId, job);
    if (!this.runningJobs.delete(job)) return;
    const left = (this.held.get(workflowId) ?? 1) - 1;
    if (left > 0) this.held.set(workflowId, left);
    else this.held.delete(workflowId);
  }
}
