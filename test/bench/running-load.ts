import { setTimeout as delay } from 'node:timers/promises';
import type { BenchCluster } from './bench-cluster.js';
import { closedLoop, timed } from './closed-loop.js';
import { spreadIds } from './spread-ids.js';

export interface RunningLoadOptions {
  /** Executions that run at any time. */
  readonly size: number;
  /** Workflows that they belong to, as many on each partition: a multiple of 32 (96 unless said). */
  readonly workflows?: number;
  readonly steps: number;
  readonly stepMs: number;
}

const startsAtOnce = 8;

/** Keeps about so many executions running, spread evenly over all partitions: when one has had its time, another is started. */
export class RunningLoad {
  /** Starts that failed and were tried again. */
  errors = 0;
  #running = true;

  private constructor(
    private readonly bench: BenchCluster,
    private readonly lastsMs: number,
  ) {}

  /** Resolves once all of them run. */
  static async start(bench: BenchCluster, { size, steps, stepMs, workflows = 96 }: RunningLoadOptions): Promise<RunningLoad> {
    const nodes = Array.from({ length: steps }, (_, i) => ({ id: `s${i}`, nodeType: 'bench.slow', config: { i, ms: stepMs } }));
    const edges = nodes.slice(1).map((node, i) => ({ id: `e${i}`, source: `s${i}`, target: node.id }));
    const ids = spreadIds('running', workflows / 32);
    const id = (i: number) => ids[i % ids.length] ?? '';
    await closedLoop(
      ids.length,
      startsAtOnce,
      timed((i) => bench.create({ id: id(i), nodes, edges } as { id: string })),
    );
    const load = new RunningLoad(bench, steps * stepMs);
    const starting = await closedLoop(
      size,
      startsAtOnce,
      timed((i) => bench.client.start(id(i)).then(() => void load.#repeat(id(i)))),
    );
    if (starting.errors > 0) throw new Error(`the load did not start: ${starting.firstError}`);
    return load;
  }

  /** Starts no more; does not wait for what runs. */
  stop(): void {
    this.#running = false;
  }

  /** By time, not by asking: a thousand callers that wait would be a load of their own. */
  async #repeat(workflowId: string): Promise<void> {
    await delay(this.lastsMs, undefined, { ref: false });
    while (this.#running) {
      try {
        await this.bench.client.start(workflowId);
        await delay(this.lastsMs, undefined, { ref: false });
      } catch {
        this.errors += 1;
        await delay(500, undefined, { ref: false });
      }
    }
  }
}
