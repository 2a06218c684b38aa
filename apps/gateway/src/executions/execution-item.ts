import type { JsonObject } from '#core';
import type { ExecutionItem } from '#projection';

/** A row of an execution list (contract §3); times are ISO 8601. */
export function executionRow(item: ExecutionItem): JsonObject {
  const { executionId, status, version, logsCount } = item;
  const startTime = new Date(item.startTime).toISOString();
  return {
    executionId,
    status,
    startTime,
    endTime: item.endTime === null ? null : new Date(item.endTime).toISOString(),
    logsCount,
    version,
  };
}
