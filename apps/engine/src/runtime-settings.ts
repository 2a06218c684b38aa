import type { Settings } from '#config';
import { maxEventBatchBytes } from '#kafka';
import type { RuntimeSettings } from '#runtime';

/** The runtime's limits from the process's settings; `address` is where this engine answers queries. */
export function runtimeSettings(settings: Settings, address: string): RuntimeSettings {
  return {
    instanceId: settings.MILLRACE_INSTANCE_ID,
    address,
    partitions: settings.MILLRACE_PARTITIONS,
    maxBatchInputs: 500,
    maxAppendBytes: Math.floor(maxEventBatchBytes / 2), // L3
    maxBatchMs: 4,
    maxMailbox: 20_000,
    maxMailboxBytes: 8 * 1024 * 1024,
    maxExecutionsPerWorkflow: settings.MILLRACE_MAX_EXECUTIONS_PER_WORKFLOW,
    maxDecidedAbove: 1_000,
    snapshotEvery: settings.MILLRACE_SNAPSHOT_EVERY,
    maxReplay: settings.MILLRACE_MAX_REPLAY,
    snapshotIntervalMs: 1_000,
    passivateAfterMs: settings.MILLRACE_PASSIVATE_AFTER_MS,
    dedupeWindowMs: settings.MILLRACE_DEDUPE_WINDOW,
    progressTimeoutMs: settings.MILLRACE_PROGRESS_TIMEOUT_MS,
    freshForMs: 1_000,
    wakeAheadMs: 10_000,
    maxClockSkewMs: 1_000,
  };
}
