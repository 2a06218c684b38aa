import type { JsonObject } from '#core';
import type { ClusterEvent } from '#projection';

/** One item of `cluster/events`: times are ISO 8601, durations ms; `end` is null while it goes on, or where nobody could tell. */
export function eventBody({ start, end, ...rest }: ClusterEvent): JsonObject {
  const { kind, ...more } = rest;
  return { kind, start: iso(start), end: end === null ? null : iso(end), durationMs: end === null ? null : end - start, ...more };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
