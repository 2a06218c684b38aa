import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchCluster } from '../bench-cluster.js';
import { sortedRows, writeCsv } from '../csv-rows.js';
import { duckDbFlow } from '../duckdb-flow.js';
import type { Emit } from '../emit.js';
import { waitForQuiet } from '../proc-meter.js';
import { until } from '../until.js';
import { csvFlow } from '../workflows.js';
import type { WorkloadOptions } from '../workload.js';

const endsWithinMs = 600_000;
const warmRows = 50_000;

/** W5: CSV → filter → map → group-by → CSV in one stage, over HTTP from start to result, and DuckDB doing the same. */
export async function flow(emit: Emit, { runs, size = 2_000_000 }: WorkloadOptions): Promise<void> {
  const bench = await BenchCluster.start();
  const file = (name: string) => join(bench.cluster.filesRoot, name);
  try {
    await writeCsv(file('warm.csv'), warmRows);
    await writeCsv(file('rows.csv'), size);
    await bench.create(csvFlow('warm', 'warm.csv', 'warm-out.csv'));
    await bench.create(csvFlow('flow', 'rows.csv', 'out.csv'));
    await runFlow(bench, 'warm');
    for (let run = 0; run < runs; run += 1) {
      rmSync(file('out.csv'), { force: true });
      const quiet = await waitForQuiet();
      const { result, usage } = await bench.measured(() => runFlow(bench, 'flow'));
      const figures = { engineCpuSeconds: usage.cpu.engine, peakMiB: usage.peakMiB.engine, otherCores: usage.otherCores };
      emit({
        workload: 'flow',
        run,
        by: 'a stage',
        size,
        checkpoints: await checkpointsOf(bench, result.executionId),
        ...rate(size, result.ms),
        ...figures,
        quiet,
      });
      for (const threads of [1, 2]) {
        emit({
          workload: 'flow',
          run,
          by: 'DuckDB',
          threads,
          size,
          ...rate(size, await duckDbFlow(file('rows.csv'), file('duckdb.csv'), threads)),
        });
        if (sortedRows(file('out.csv')) !== sortedRows(file('duckdb.csv')))
          throw new Error('the stage and DuckDB came to different results');
      }
    }
  } finally {
    await bench.stop();
  }
}

function rate(rows: number, ms: number) {
  return { ms: Math.round(ms), rowsPerSecond: Math.round(rows / (ms / 1_000)) };
}

async function runFlow(bench: BenchCluster, workflowId: string): Promise<{ executionId: string; ms: number }> {
  const started = performance.now();
  const executionId = await bench.client.start(workflowId);
  const end = await bench.client.end(workflowId, executionId, endsWithinMs);
  if (end !== 'completed') throw new Error(`the flow ended as ${end}`);
  return { executionId, ms: performance.now() - started };
}

/** How many checkpoints the stage made, its last one included, as the read model tells once it has seen the end. */
function checkpointsOf(bench: BenchCluster, executionId: string): Promise<number> {
  return until(
    'the flow’s history',
    async () => {
      const { body } = await bench.client.probe(`/api/v1/workflows/flow/executions/${executionId}/events?limit=1000`, 5_000);
      const types = (body as unknown as readonly { readonly type: string }[]).map(({ type }) => type);
      return types.includes('WorkflowCompleted') ? types.filter((type) => type === 'NodeProgressed').length : undefined;
    },
    { withinMs: 30_000, everyMs: 100 },
  );
}
