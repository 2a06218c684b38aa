import { expect, test } from 'vitest';
import { type ExecutionEvent, type ExecutionState, evolveExecution, initialExecutionState } from '#core';
import { oldestWait } from './oldest-wait.js';

let seq: number;

function fact<Type extends ExecutionEvent['type']>(type: Type, at: number, data: Extract<ExecutionEvent, { type: Type }>['data']) {
  seq += 1;
  return { entity: 'execution', workflowId: 'w', executionId: 'e', id: `e${seq}`, seq, at, type, data } as unknown as ExecutionEvent;
}

function after(...events: readonly ExecutionEvent[]): ExecutionState {
  return events.reduce(evolveExecution, initialExecutionState);
}

const waits = (nodeId: string, at: number, kind: 'timer' | 'signal') => [
  fact('NodeExecutionStarted', at, { nodeId, nodeType: 'flow.signal', attempt: 1 }),
  fact('NodeWaiting', at, { nodeId, nodeType: 'flow.signal', attempt: 1, kind }),
];
const begun = () => {
  seq = 0;
  return fact('WorkflowStarted', 1, { workflowName: 'W', version: 1, totalNodes: 2 });
};

test('of several waits the one that began first counts', () => {
  const state = after(begun(), ...waits('b', 30, 'timer'), ...waits('a', 40, 'signal'));
  expect(oldestWait(state)).toEqual({ kind: 'timer', since: 30 });
});

test('an execution of which a node runs does not wait', () => {
  const state = after(begun(), ...waits('b', 30, 'timer'), fact('NodeExecutionStarted', 50, { nodeId: 'c', nodeType: 't', attempt: 1 }));
  expect(oldestWait(state)).toBeUndefined();
});

test('one that has not begun, and one that has ended, wait for nothing', () => {
  expect(oldestWait(initialExecutionState)).toBeUndefined();
  const cancelled = after(begun(), ...waits('b', 30, 'timer'), fact('WorkflowCancelled', 60, { duration: 59 }));
  expect(oldestWait(cancelled)).toBeUndefined();
});
