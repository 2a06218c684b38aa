import { mkdir, realpath } from 'node:fs/promises';
import type { Settings } from '#config';
import { type CoreEnvironment, createCoreEnvironment } from '#core';
import { expressionCompiler } from '#expressions';
import { createNodeCatalog, loadUserNodes } from '#nodes';
import type { EngineMetrics, Logger } from '#observability';
import type { WorkRunner } from '#runtime';
import { createWorkRunner, type LoopBlocked, type StageObserver, StageRunner, TaskRunner } from '#stages';

/** Node types, expressions, and what runs tasks and stages. */
export interface DataPlane {
  readonly core: CoreEnvironment;
  readonly work: WorkRunner;
  stageSlots(): { readonly total: number; readonly running: number; readonly waiting: number };
  close(): Promise<void>;
}

type StageMetrics = Pick<EngineMetrics, 'stageRecords' | 'stageBatchDuration' | 'loopBlocked'>;

/** A task on the loop that lets nobody else run for so long belongs into a thread. */
const loopBlockedAfterMs = 100;
const complainEveryMs = 10_000;

/** Is told how long stages of a partition were busy. */
export interface StageLoad {
  stageRan(partition: number, durationMs: number): void;
}

function stageObserver({ stageRecords, stageBatchDuration }: StageMetrics, load: StageLoad): StageObserver {
  return {
    moved: (direction, records) => stageRecords.inc({ direction }, records),
    batchTook: (durationMs, partition) => {
      stageBatchDuration.observe(durationMs / 1_000);
      load.stageRan(partition, durationMs);
    },
  };
}

/** Counts every time, complains now and then. */
function loopObserver({ loopBlocked }: StageMetrics, logger: Logger): (blocked: LoopBlocked) => void {
  const complainedAt = new Map<string, number>();
  return ({ nodeTypes, ms, certain, ...place }) => {
    for (const type of nodeTypes) loopBlocked.inc({ node_type: type, certain: String(certain) }, ms / 1_000);
    const key = nodeTypes.join();
    if (Date.now() - (complainedAt.get(key) ?? 0) < complainEveryMs) return;
    complainedAt.set(key, Date.now());
    const who = certain ? 'a task on the loop let nobody else run' : 'the loop stood still while these tasks were under way on it';
    logger.warn({ event: 'loop.blocked', nodeTypes, ms, certain, ...place }, `${who}: give it runOn 'thread', or let it await`);
  };
}

/** Loads users' nodes and makes the runners. Rejects with FatalError naming the file that does not load or clashes. */
export async function openDataPlane(settings: Settings, metrics: StageMetrics, load: StageLoad, logger: Logger): Promise<DataPlane> {
  await mkdir(settings.MILLRACE_FILES_ROOT, { recursive: true });
  const filesRoot = await realpath(settings.MILLRACE_FILES_ROOT);
  const nodesDir = settings.MILLRACE_NODES_DIR;
  const userNodes = await loadUserNodes(nodesDir);
  const limits = { concurrency: settings.MILLRACE_STAGE_CONCURRENCY, memoryMb: settings.MILLRACE_STAGE_MEMORY_MB };
  const stages = new StageRunner({ ...limits, filesRoot, ...(nodesDir === undefined ? {} : { nodesDir }) }, stageObserver(metrics, load));
  stages.warmUp();
  const processors = settings.MILLRACE_TASK_PROCESSORS;
  const ofTasks = { ...limits, ...(processors === undefined ? {} : { processors }) };
  const tasks = new TaskRunner({
    ...ofTasks,
    userNodes,
    loop: { blockedAfterMs: loopBlockedAfterMs, told: loopObserver(metrics, logger) },
  });
  return {
    core: createCoreEnvironment({ catalog: createNodeCatalog({ userNodes }), expressions: expressionCompiler }),
    work: createWorkRunner(
      { stages, tasks },
      { perWorkflow: settings.MILLRACE_MAX_QUEUED_PER_WORKFLOW, inAll: settings.MILLRACE_MAX_QUEUED },
    ),
    stageSlots: () => {
      const { slots, running, waiting } = stages.load();
      return { total: slots, running, waiting };
    },
    async close() {
      await Promise.all([stages.close(), tasks.close()]);
    },
  };
}
