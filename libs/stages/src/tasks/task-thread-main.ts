import { parentPort } from 'node:worker_threads';
import type { UserTask } from '#nodes';
import { standBack } from './stand-back.js';
import { callTask, failedTask, type TaskHands } from './task-call.js';
import type { FromTaskThread, ToTaskThread } from './task-protocol.js';

/** Entry of a task's thread. It loads only the module it runs, so that a thread starts in some ten milliseconds. */
let running: AbortController | undefined;

standBack();

function post(message: FromTaskThread): void {
  parentPort?.postMessage(message);
}

async function run(message: Extract<ToTaskThread, { type: 'run' }>): Promise<void> {
  running = new AbortController();
  const hands: TaskHands = { signal: running.signal, log: (text) => post({ type: 'log', text }) };
  const { call } = message;
  try {
    const task = await findTask(message.url, message.nodeType);
    post({ type: 'ended', outcome: await callTask(task, call, hands) });
  } catch (error) {
    post({ type: 'ended', outcome: failedTask(call.nodeId, error) });
  }
}

async function findTask(url: string, nodeType: string): Promise<UserTask> {
  const exported: unknown = (await import(url)).default;
  const nodes = (Array.isArray(exported) ? exported : [exported]) as readonly UserTask[]; // checked when the engine started
  const task = nodes.find((node) => node.nodeType === nodeType && node.kind === 'task');
  if (task === undefined) throw new Error(`${url} no longer exports the task ${nodeType}`);
  return task;
}

parentPort?.on('message', (message: ToTaskThread) => {
  if (message.type === 'abort') running?.abort();
  else void run(message);
});
