import type { EpochMs } from '../json.js';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const maxDurationMs = 100 * 365 * 86_400_000;

/** How durations are spelled, for messages. */
export const durationSpelling = 'a whole number with ms, s, m, h or d (for instance "30s"), or a number of seconds';

/** A duration in milliseconds: `"500ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`; a bare number, also as text, is seconds. Undefined: not one, or over a century. */
export function parseDurationMs(value: unknown): EpochMs | undefined {
  const ms = typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? textMs(value.trim()) : undefined;
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 && ms <= maxDurationMs ? Math.round(ms) : undefined;
}

function textMs(text: string): number | undefined {
  const match = /^(\d{1,15})(ms|s|m|h|d)?$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (unitMs[match[2] ?? 's'] ?? 0);
}
