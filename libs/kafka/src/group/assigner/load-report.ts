import { z } from 'zod';
import type { PartitionLoad } from './claim.js';

const notMeasured = -1;
const perPartition = z.array(z.number().int().min(notMeasured).max(1_000_000_000));

/**
 * Loads as they travel in a member's user data: one whole number per owned partition, in the order of `owned`; −1 = not measured.
 * `stageMs` is left out where no stage ran. What cannot be read counts as not reported: the member keeps its claim.
 */
export const loadReport = z.object({ events: perPartition, stageMs: perPartition.optional() }).optional().catch(undefined);
type LoadReport = z.infer<typeof loadReport>;

/** Undefined when nothing was measured. */
export function reportLoads(owned: readonly number[], loads: ReadonlyMap<number, PartitionLoad>): LoadReport {
  if (!owned.some((partition) => loads.has(partition))) return undefined;
  const measured = owned.map((partition) => loads.get(partition));
  const events = measured.map((load) => (load === undefined ? notMeasured : Math.round(load.eventsPerSecond)));
  const stageMs = measured.map((load) => Math.round(load?.stageMsPerSecond ?? 0));
  return stageMs.some((ms) => ms > 0) ? { events, stageMs } : { events };
}

/** Loads by partition; none where there is no report, or one that does not fit the claim. */
export function reportedLoads(owned: readonly number[], report: LoadReport): ReadonlyMap<number, PartitionLoad> {
  const loads = new Map<number, PartitionLoad>();
  if (report?.events.length !== owned.length) return loads;
  for (const [index, partition] of owned.entries()) {
    const eventsPerSecond = report.events[index] ?? notMeasured;
    if (eventsPerSecond >= 0) loads.set(partition, { eventsPerSecond, stageMsPerSecond: Math.max(0, report.stageMs?.[index] ?? 0) });
  }
  return loads;
}
