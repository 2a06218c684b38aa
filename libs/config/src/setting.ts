import { z } from 'zod';

/** Where a setting matters and whether instances may differ in it. */
export interface SettingNote {
  readonly meaning: string;
  readonly unit?: string;
  readonly mustMatch: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const durationPattern = /^(\d+)(ms|s|m|h|d)?$/;
const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration as text: a whole number with `ms`, `s`, `m`, `h` or `d`; a bare number is milliseconds. Parsed to milliseconds. */
export const durationMs = z.string().transform((text, context) => {
  const match = durationPattern.exec(text.trim());
  if (!match) {
    context.addIssue({ code: 'custom', message: 'must be a whole number with ms, s, m, h or d, for example 30s' });
    return z.NEVER;
  }
  return Number(match[1]) * unitMs[(match[2] ?? 'ms') as keyof typeof unitMs];
});

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
}

export const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], { error: 'must be true or false' })
  .transform((text) => ['true', '1', 'yes', 'on'].includes(text));

/** A comma-separated list without empty parts. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
