import { decodeRecord, epochOf, type FenceBody, type StoredRecord } from '#protocol';
import type { ClusterEventRow, OutcomeRow } from '../rows.js';

const decoder = new TextDecoder();

/** A fence as the read model keeps it. `at` is the broker's time. */
export function clusterEventOf(partition: number, fence: StoredRecord): ClusterEventRow {
  const body = JSON.parse(decoder.decode(fence.value ?? undefined)) as Partial<FenceBody>;
  return {
    partition,
    offset: fence.offset,
    at: fence.timestamp,
    epoch: epochOf(fence),
    instance: body.instance ?? '',
    address: body.address ?? '',
    generation: body.generation ?? -1,
    reason: body.reason ?? '',
  };
}

/** Answers given without events (L8): refusals, and commands that changed nothing. */
export function decidedOutcomes(partition: number, record: StoredRecord): readonly OutcomeRow[] {
  const decoded = decodeRecord(record);
  if (decoded.kind !== 'decided') return [];
  return decoded.entries.map((entry) => ({
    commandId: entry.commandId,
    partition,
    at: record.timestamp,
    workflowId: null,
    result: entry.code === undefined ? JSON.stringify(entry.result ?? {}) : null,
    errorCode: entry.code ?? null,
    errorMessage: entry.message ?? null,
  }));
}
