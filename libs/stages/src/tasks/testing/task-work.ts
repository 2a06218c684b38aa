import type { Json, JsonObject, UnitOutcome } from '#core';
import type { RunningWork, Work, WorkListener, WorkRunner } from '#runtime';

/** A task's attempt as the runtime dispatches it. */
export function taskWork(nodeType: string, input: Json = null, config: JsonObject = {}, workflowId = 'w'): Work {
  const retry = { maxAttempts: 1, initialIntervalMs: 1, multiplier: 1, maxIntervalMs: 1, jitter: 0, nonRetryable: [] };
  return {
    partition: 0,
    epoch: '1.a',
    idempotencyKey: 'e/n/1',
    workflowId,
    executionId: 'e',
    attempt: 1,
    input,
    scope: {},
    unit: { id: 'n', kind: 'task', nodeIds: ['n'], innerEdges: [], incoming: [], outgoing: [], retry, onError: 'fail' },
    nodes: [
      { id: 'n', nodeType, kind: 'task', runOn: 'thread', label: 'n', config, unitId: 'n', onRecordError: 'fail', expressions: new Map() },
    ],
  };
}

export interface Observed {
  readonly running: RunningWork;
  readonly outcome: Promise<UnitOutcome>;
  readonly outcomes: readonly UnitOutcome[];
  readonly logs: readonly string[];
  /** Resolves at the next line of log. */
  readonly logged: Promise<void>;
}

/** Starts work and keeps everything that it reports. */
export function observe(runner: WorkRunner, work: Work): Observed {
  const outcomes: UnitOutcome[] = [];
  const logs: string[] = [];
  let outcomeCame: (outcome: UnitOutcome) => void = () => undefined;
  let logCame: () => void = () => undefined;
  const outcome = new Promise<UnitOutcome>((resolve) => {
    outcomeCame = resolve;
  });
  const logged = new Promise<void>((resolve) => {
    logCame = resolve;
  });
  const listener: WorkListener = {
    progressed: async () => 'confirmed',
    finished: (reported) => {
      outcomes.push(reported);
      outcomeCame(reported);
    },
    log: (nodeId, text) => {
      logs.push(`${nodeId}: ${text}`);
      logCame();
    },
  };
  return { running: runner.start(work, listener), outcome, outcomes, logs, logged };
}
