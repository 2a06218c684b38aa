import type { UnitOutcome } from '#core';
import type { TaskCall } from './task-call.js';

/** From the engine's loop to a task's thread. */
export type ToTaskThread =
  | { readonly type: 'run'; readonly url: string; readonly nodeType: string; readonly call: TaskCall }
  | { readonly type: 'abort' };

/** From a task's thread to the engine's loop. After `ended` the thread is idle. */
export type FromTaskThread = { readonly type: 'log'; readonly text: string } | { readonly type: 'ended'; readonly outcome: UnitOutcome };
