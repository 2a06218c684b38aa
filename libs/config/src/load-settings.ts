import { checkTogether } from './cross-checks.js';
import type { Environment } from './setting.js';
import { fields, type Settings } from './settings.js';

/** Every problem of an environment at once; the process should exit with 78 (EX_CONFIG). */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(readonly problems: readonly string[]) {
    super(`the settings are not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Parses the environment. Throws SettingsError with every problem; an unknown MILLRACE_ name is one (a misspelt setting must not pass in silence). */
export function loadSettings(environment: Environment): Settings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const text = environment[name] === '' ? undefined : environment[name];
    const raw = text ?? (('fallback' in field ? field.fallback : undefined) as string | undefined);
    const parsed = field.schema.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${name}: ${raw === undefined ? `is required (${field.note.meaning})` : parsed.error.issues.map((issue) => issue.message).join('; ')}`,
      );
  }
  problems.push(...unknownNames(environment));
  if (problems.length === 0) problems.push(...checkTogether(values as Settings));
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(values) as Settings;
}

/** Names used by the local run and by tests, not by the apps. */
const foreign = /^MILLRACE_(KAFKA_PORT|POSTGRES_PORT|DATA_DIR|SIM_\w+|TEST_\w+|BENCH_\w+|USE_SHARDING|STANDBY|HTTP_NODE_ALLOW)$/;

function unknownNames(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('MILLRACE_') && !(name in fields) && !foreign.test(name))
    .map((name) => `${name}: no such setting`);
}
