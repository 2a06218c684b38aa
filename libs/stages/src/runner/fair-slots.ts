import { FairQueue, type Waiting } from './fair-queue.js';

/** Bounds how many jobs compute at once, whatever slots are free. */
export interface Processors<Job> {
  readonly size: number;
  /** Asked of jobs that wait and of jobs that run. */
  readonly computes: (job: Job) => boolean;
}

/**
 * A bounded number of slots and what waits for one. A free slot goes to the workflow that holds the fewest; of several, in turn.
 * Beyond `size` there are guest slots, half as many, for workflows that hold none: jobs that run for hours in all slots cannot
 * keep the others waiting. Jobs that compute need a processor as well, and have as many guests.
 */
export class FairSlots<Job> {
  private readonly ordinary = new FairQueue<Job>();
  private readonly computing = new FairQueue<Job>();
  private readonly held = new Map<string, number>();
  private readonly runningJobs = new Set<Job>();
  private readonly guests: number;
  private isComputingsTurn = false;

  constructor(
    readonly size: number,
    private readonly processors: Processors<Job> = { size, computes: () => false },
  ) {
    this.guests = Math.ceil(size / 2);
  }

  get running(): ReadonlySet<Job> {
    return this.runningJobs;
  }

  get waiting(): number {
    return this.ordinary.size + this.computing.size;
  }

  /** Whether jobs wait for a processor rather than for a slot: those that run may begin or cease to compute without a word. */
  get awaitsProcessor(): boolean {
    return this.computing.size > 0;
  }

  /** How many jobs of a workflow wait. */
  waitingOf(workflowId: string): number {
    return this.ordinary.sizeOf(workflowId) + this.computing.sizeOf(workflowId);
  }

  add(workflowId: string, job: Job): void {
    this.ordinary.add(workflowId, job);
  }

  /** The next job that may run now; it holds a slot until it leaves. */
  take(): Job | undefined {
    const used = this.runningJobs.size;
    if (used >= this.size + this.guests) return undefined;
    const maxHeld = used < this.size ? Number.POSITIVE_INFINITY : 0;
    const ordinary = this.nextOrdinary(maxHeld);
    const computing = this.nextComputing(maxHeld);
    if (computing !== undefined && this.isBefore(computing, ordinary)) return this.run(this.computing, computing);
    return ordinary === undefined ? undefined : this.run(this.ordinary, ordinary);
  }

  /** One that waits, out of the queue and without a slot. */
  drop(): Job | undefined {
    return (this.ordinary.next(() => 0) ?? this.computing.next(() => 0))?.item;
  }

  /** A job is over, whether it ran or only waited. */
  leave(workflowId: string, job: Job): void {
    if (!this.ordinary.remove(workflowId, job)) this.computing.remove(workflowId, job);
    if (!this.runningJobs.delete(job)) return;
    const left = (this.held.get(workflowId) ?? 1) - 1;
    if (left > 0) this.held.set(workflowId, left);
    else this.held.delete(workflowId);
  }

  private readonly heldBy = (workflowId: string): number => this.held.get(workflowId) ?? 0;

  /** What turns out to compute when it is its turn goes to the other line, once. */
  private nextOrdinary(maxHeld: number): Waiting<Job> | undefined {
    let next = this.ordinary.peek(this.heldBy, maxHeld);
    for (; next !== undefined && this.processors.computes(next.item); next = this.ordinary.peek(this.heldBy, maxHeld)) {
      this.ordinary.take(next);
      this.computing.add(next.key, next.item);
    }
    return next;
  }

  private nextComputing(maxHeld: number): Waiting<Job> | undefined {
    if (this.computing.size === 0) return undefined;
    let free = this.processors.size;
    for (const job of this.runningJobs) if (this.processors.computes(job)) free -= 1;
    if (free > 0) return this.computing.peek(this.heldBy, maxHeld);
    return free + this.guests > 0 ? this.computing.peek(this.heldBy, 0) : undefined;
  }

  private isBefore(computing: Waiting<Job>, ordinary: Waiting<Job> | undefined): boolean {
    if (ordinary === undefined || computing.rank !== ordinary.rank) return ordinary === undefined || computing.rank < ordinary.rank;
    this.isComputingsTurn = !this.isComputingsTurn;
    return this.isComputingsTurn;
  }

  private run(queue: FairQueue<Job>, next: Waiting<Job>): Job {
    queue.take(next);
    this.runningJobs.add(next.item);
    this.held.set(next.key, this.heldBy(next.key) + 1);
    return next.item;
  }
}
