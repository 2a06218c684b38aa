import type { Json, NodeResult } from '#core';

/** What one node of a stage has done so far, over all attempts. JSON-safe: it is part of the checkpoint. */
export interface NodeCounts {
  recordsIn: number;
  recordsOut: number;
  skipped: number;
  durationMs: number;
}

export function noCounts(): NodeCounts {
  return { recordsIn: 0, recordsOut: 0, skipped: 0, durationMs: 0 };
}

export function nodeResultOf({ recordsIn, recordsOut, durationMs }: NodeCounts, output: Json | undefined): NodeResult {
  const counts = { recordsIn, recordsOut, durationMs: Math.round(durationMs) };
  return output === undefined ? counts : { ...counts, output };
}
