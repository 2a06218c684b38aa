import type { TaskCall } from './task-call.js';

/** A loop task kept everything else in the engine waiting. */
export interface LoopBlocked {
  readonly ms: number;
  /** Certain where one task ran all that time; else those that were under way when the loop stood still. */
  readonly nodeTypes: readonly string[];
  readonly certain: boolean;
  /** Of the certain one. */
  readonly workflowId?: string;
  readonly nodeId?: string;
}

const lookEveryMs = 50;
const maxSuspects = 5;

/**
 * Names tasks on the loop that keep it from turning. What a task does before its first `await` is measured; a loop that stands
 * still later is laid at the door of those that are under way.
 */
export class LoopWatch {
  private readonly underWay = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private explainedMs = 0;

  constructor(
    private readonly limitMs: number,
    private readonly told: (blocked: LoopBlocked) => void,
  ) {}

  begins(nodeType: string): void {
    this.underWay.set(nodeType, (this.underWay.get(nodeType) ?? 0) + 1);
    if (this.timer !== undefined) return;
    this.lookedAt = performance.now();
    this.timer = setInterval(() => this.look(), lookEveryMs);
    this.timer.unref();
  }

  /** What it took to its first `await`, ms. */
  ran(nodeType: string, { workflowId, nodeId }: TaskCall, ms: number): void {
    if (ms < this.limitMs) return;
    this.explainedMs += ms;
    this.told({ ms: Math.round(ms), nodeTypes: [nodeType], certain: true, workflowId, nodeId });
  }

  ends(nodeType: string): void {
    const left = (this.underWay.get(nodeType) ?? 1) - 1;
    if (left > 0) this.underWay.set(nodeType, left);
    else this.underWay.delete(nodeType);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const now = performance.now();
    const stoodMs = now - this.lookedAt - lookEveryMs - this.explainedMs;
    this.lookedAt = now;
    this.explainedMs = 0;
    if (stoodMs >= this.limitMs && this.underWay.size > 0)
      this.told({ ms: Math.round(stoodMs), nodeTypes: [...this.underWay.keys()].slice(0, maxSuspects), certain: false });
    if (this.underWay.size === 0) this.close(); // an idle engine is not woken
  }
}
