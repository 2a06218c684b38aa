import type { Json, JsonObject, NodeKind, UnitOutcome } from '#core';
import type { RunningWork, Work, WorkListener, WorkRunner } from '#runtime';

/** A line of nodes as the runtime dispatches it: `[id, nodeType, kind, config]`. */
export function stageWork(
  nodes: readonly (readonly [id: string, nodeType: string, kind: NodeKind, config: JsonObject])[],
  overrides: Partial<Work> = {},
): Work {
  const retry = { maxAttempts: 1, initialIntervalMs: 1, multiplier: 1, maxIntervalMs: 1, jitter: 0, nonRetryable: [] };
  const ids = nodes.map(([id]) => id);
  const id = ids[0] ?? '';
  const innerEdges = ids.slice(1).map((target, place) => ({
    ...{ id: `${place}`, target, sourceHandle: 'out', targetHandle: 'in' },
    source: ids[place] ?? '',
  }));
  return {
    ...{ partition: 0, epoch: '1.a', workflowId: 'w', executionId: 'e', attempt: 1, input: null, scope: {}, idempotencyKey: 'e/n/1' },
    unit: { id, kind: 'stage', nodeIds: ids, innerEdges, incoming: [], outgoing: [], retry, onError: 'fail' },
    nodes: nodes.map(([nodeId, nodeType, kind, config]) => ({
      ...{ id: nodeId, nodeType, kind, config, label: nodeId, unitId: id },
      ...{ runOn: 'thread', onRecordError: 'fail', expressions: new Map() },
    })),
    ...overrides,
  };
}

export interface WatchedStage {
  readonly running: RunningWork;
  readonly outcome: Promise<UnitOutcome>;
  readonly outcomes: readonly UnitOutcome[];
  readonly checkpoints: readonly Json[];
  /** Resolves at the first checkpoint. */
  readonly checkpointed: Promise<void>;
}

/** Starts a stage and keeps what it reports; `answer` is what its checkpoints are answered with. */
export function watchStage(runner: WorkRunner, work: Work, answer: 'confirmed' | 'lost' = 'confirmed'): WatchedStage {
  const outcomes: UnitOutcome[] = [];
  const checkpoints: Json[] = [];
  const ended = signal<UnitOutcome>();
  const checkpointed = signal<void>();
  const listener: WorkListener = {
    progressed: async (checkpoint) => {
      checkpoints.push(checkpoint);
      checkpointed.resolve();
      return answer;
    },
    finished: (outcome) => {
      outcomes.push(outcome);
      ended.resolve(outcome);
    },
    log: () => undefined,
  };
  return { running: runner.start(work, listener), outcome: ended.promise, outcomes, checkpoints, checkpointed: checkpointed.promise };
}

function signal<Value>(): { readonly promise: Promise<Value>; resolve(value: Value): void } {
  let settle: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}
