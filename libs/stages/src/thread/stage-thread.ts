import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Json } from '#core';
import type { StageHost } from '../graph/stage-host.js';
import { runStage } from '../graph/stage-run.js';
import type { FromThread, StageSpec, ThreadData, ToThread } from '../stage-spec.js';
import { standBack } from '../tasks/stand-back.js';
import { loadDataNodes } from './data-nodes.js';

/** The entry of a stage's thread: runs one stage at a time, and waits for the next when it is through. */

type Answer = 'confirmed' | 'lost';

const port = parentPort;
if (port === null) throw new TypeError('stage-thread is started as a worker thread only');

standBack();

const whereabouts = new Int32Array((workerData as ThreadData).whereabouts);
let answerProgress: ((answer: Answer) => void) | undefined;
let running: AbortController | undefined;

port.on('message', (message: ToThread) => {
  if (message.type === 'progress') {
    answerProgress?.(message.answer);
    answerProgress = undefined;
  } else if (message.type === 'abort') {
    running?.abort();
  } else {
    void run(message.spec).then((outcome) => post({ type: 'ended', outcome }));
  }
});

async function run(spec: StageSpec): ReturnType<typeof runStage> {
  running = new AbortController();
  const { signal } = running;
  const resolve = await loadDataNodes(spec.nodesDir);
  const host: StageHost = {
    progressed,
    resolve,
    log: (nodeId, text) => post({ type: 'log', nodeId, text }),
    measured: (measures) => post({ type: 'measured', measures }),
    now: () => performance.now(),
    breathe: () => setImmediate(),
    entered: whereaboutsIn(spec),
    signal, // the thread is ended soon after: an endless expression would hear nothing softer
  };
  return runStage(spec, host);
}

/** Places are counted from 1, in the order of the stage's nodes; 0 is none. */
function whereaboutsIn({ nodes }: StageSpec): StageHost['entered'] {
  const places = new Map<string | undefined, number>(nodes.map(({ id }, index) => [id, index + 1]));
  let at: string | undefined;
  return (nodeId) => {
    const before = at;
    at = nodeId;
    Atomics.store(whereabouts, 0, places.get(nodeId) ?? 0);
    return before;
  };
}

/** One at a time: the stage waits for the answer before the next. */
function progressed(checkpoint: Json): Promise<Answer> {
  return new Promise((resolve) => {
    answerProgress = resolve;
    post({ type: 'progressed', checkpoint });
  });
}

function post(message: FromThread): void {
  port?.postMessage(message);
}
