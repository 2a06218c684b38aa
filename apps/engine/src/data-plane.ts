import { mkdir, realpath } from 'node:fs/promises';
import type { Settings } from '#config';
import { type CoreEnvironment, createCoreEnvironment } from '#core';
import { expressionCompiler } from '#expressions';
import { createNodeCatalog, loadUserNodes } from '#nodes';
import type { EngineMetrics } from '#observability';
import type { WorkRunner } from '#runtime';
import { createWorkRunner, type StageObserver, StageRunner, TaskRunner } from '#stages';

/** Node types, expressions, and what runs tasks and stages. */
export interface DataPlane {
  readonly core: CoreEnvironment;
  readonly work: WorkRunner;
  stageSlots(): { readonly total: number; readonly running: number; readonly waiting: number };
  close(): Promise<void>;
}

type StageMetrics = Pick<EngineMetrics, 'stageRecords' | 'stageBatchDuration'>;

function stageObserver({ stageRecords, stageBatchDuration }: StageMetrics): StageObserver {
  return {
    moved: (direction, records) => stageRecords.inc({ direction }, records),
    batchTook: (durationMs) => stageBatchDuration.observe(durationMs / 1_000),
  };
}

/** Loads users' nodes and makes the runners. Rejects with FatalError naming the file that does not load or clashes. */
export async function openDataPlane(settings: Settings, metrics: StageMetrics): Promise<DataPlane> {
  await mkdir(settings.MILLRACE_FILES_ROOT, { recursive: true });
  const filesRoot = await realpath(settings.MILLRACE_FILES_ROOT);
  const nodesDir = settings.MILLRACE_NODES_DIR;
  const userNodes = await loadUserNodes(nodesDir);
  const limits = { concurrency: settings.MILLRACE_STAGE_CONCURRENCY, memoryMb: settings.MILLRACE_STAGE_MEMORY_MB };
  const stages = new StageRunner({ ...limits, filesRoot, ...(nodesDir === undefined ? {} : { nodesDir }) }, stageObserver(metrics));
  stages.warmUp();
  const tasks = new TaskRunner({ ...limits, userNodes });
  return {
    core: createCoreEnvironment({ catalog: createNodeCatalog({ userNodes }), expressions: expressionCompiler }),
    work: createWorkRunner({ stages, tasks }),
    stageSlots: () => {
      const { slots, running, waiting } = stages.load();
      return { total: slots, running, waiting };
    },
    async close() {
      await Promise.all([stages.close(), tasks.close()]);
    },
  };
}
