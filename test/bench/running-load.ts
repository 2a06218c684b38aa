import { setTimeout as delay } from 'node:timers/promises';
import { partitionOf } from '#protocol';
import type { BenchCluster } from './bench-cluster.js';

const partitions = 32;
const perPartition = 3;

export interface RunningLoadOptions {
  /** Executions that run at any time. */
  readonly size: number;
  readonly steps: number;
  readonly stepMs: number;
}

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
  static async start(bench: BenchCluster, { size, steps, stepMs }: RunningLoadOptions): Promise<RunningLoad> {
    const nodes = Array.from({ length: steps }, (_, i) => ({ id: `s${i}`, nodeType: 'bench.slow', config: { i, ms: stepMs } }));
    const edges = nodes.slice(1).map((node, i) => ({ id: `e${i}`, source: `s${i}`, target: node.id }));
    const ids = idsOnEveryPartition();
    for (const id of ids) await bench.create({ id, nodes, edges } as { id: string });
    const load = new RunningLoad(bench, steps * stepMs);
    for (let i = 0; i < size; i += 1) {
      const id = ids[i % ids.length] ?? '';
      await bench.client.start(id);
      void load.#repeat(id);
    }
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

/** As many workflows on each partition: ids decide it. */
function idsOnEveryPartition(): string[] {
  const counts = new Map<number, number>();
  const ids: string[] = [];
  for (let i = 0; ids.length < partitions * perPartition; i += 1) {
    const partition = partitionOf(`running-${i}`, partitions);
    const count = counts.get(partition) ?? 0;
    if (count >= perPartition) continue;
    counts.set(partition, count + 1);
    ids.push(`running-${i}`);
  }
  return ids;
}
