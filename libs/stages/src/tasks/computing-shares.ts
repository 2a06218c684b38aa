/** Tasks that keep their thread busy for so much of their time compute; the others mostly wait for something. */
const computesFrom = 0.5;
const weightOfNew = 0.3;
const maxKnown = 10_000;
/** A shorter one is over before it can keep a processor from anybody. */
const leastMs = 5;

/** What part of its time a task kept its thread busy: 0 = it only waited, 1 = it only computed. */
export interface Busy {
  readonly share: number;
  readonly ms: number;
}

/** Which nodes compute, learnt from their tasks that ended: an exponential average for each of the 10,000 nodes that ran last. */
export class ComputingShares {
  private readonly known = new Map<string, number>();

  learn(node: string, { share, ms }: Busy): void {
    const now = ms < leastMs ? 0 : share;
    const before = this.known.get(node);
    this.known.delete(node);
    this.known.set(node, before === undefined ? now : before + weightOfNew * (now - before));
    if (this.known.size > maxKnown) this.forgetOldest();
  }

  /** Whether a task of this node is to be taken for one that computes; `soFar`: what is known of itself. */
  computes(node: string, soFar: Busy | undefined): boolean {
    const share = soFar === undefined || soFar.ms < 10 * leastMs ? this.known.get(node) : soFar.share;
    return (share ?? 0) >= computesFrom;
  }

  private forgetOldest(): void {
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      return;
    }
  }
}
