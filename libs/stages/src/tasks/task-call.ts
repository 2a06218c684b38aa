import type { Json, JsonObject, NodeResult, UnitOutcome } from '#core';
import { toJson } from './task-json.js';
import { thrownError } from './thrown-error.js';

/** What a user's `run` is called with, as plain data: it crosses a thread boundary. */
export interface TaskCall {
  readonly config: JsonObject;
  readonly input: Json;
  readonly executionId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly idempotencyKey: string;
}

/** What cannot cross it. */
export interface TaskHands {
  readonly signal: AbortSignal;
  log(text: string): void;
}

type Run = (context: TaskCall & TaskHands) => unknown;

/** What `run` receives. Its signal is made only when somebody asks: most short tasks never do. */
class TaskContext implements TaskCall, TaskHands {
  readonly config: JsonObject;
  readonly input: Json;
  readonly executionId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly log: (text: string) => void;
  readonly #hands: TaskHands;

  constructor(call: TaskCall, hands: TaskHands) {
    this.config = call.config;
    this.input = call.input;
    this.executionId = call.executionId;
    this.workflowId = call.workflowId;
    this.nodeId = call.nodeId;
    this.attempt = call.attempt;
    this.idempotencyKey = call.idempotencyKey;
    this.#hands = hands;
    this.log = (text) => hands.log(logText(text));
  }

  get signal(): AbortSignal {
    return this.#hands.signal;
  }
}

/** Calls a user's `run`, on the loop or in a thread, and says how it ended. Never rejects. */
export async function callTask(task: { run: Run }, call: TaskCall, hands: TaskHands): Promise<UnitOutcome> {
  try {
    const returned = await task.run(new TaskContext(call, hands));
    const result: NodeResult = returned === undefined ? {} : { output: toJson(returned) };
    return { status: 'completed', nodes: { [call.nodeId]: result } };
  } catch (error) {
    return failedTask(call.nodeId, error);
  }
}

export function failedTask(nodeId: string, error: unknown): UnitOutcome {
  return { status: 'failed', error: thrownError(error), failedNodeId: nodeId };
}

const maxLogLength = 10_000;

function logText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.slice(0, maxLogLength);
}
