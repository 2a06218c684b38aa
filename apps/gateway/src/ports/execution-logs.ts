import type { EpochMs } from '#core';

export interface ExecutionLogLine {
  readonly at: EpochMs;
  readonly nodeId: string;
  readonly text: string;
}

/** What nodes wrote to their execution's log, oldest first. Rejects with TransientError when the store cannot be asked. */
export interface ExecutionLogs {
  linesOf(workflowId: string, executionId: string, limit: number): Promise<readonly ExecutionLogLine[]>;
}
