import { type Json, type JsonObject, type Problem, parseDurationMs } from '#core';
import { expressionCompiler } from '#expressions';
import { isRecord } from '../api/record-fields.js';
import { parseSql, placeholdersOf } from './sql-parameters.js';

/** The config of `sql.query` (contract §4). */
export const sqlQuerySchema: JsonObject = {
  type: 'object',
  properties: {
    sql: { type: 'string', title: 'SQL', minLength: 1 },
    parameters: { type: 'object', title: 'Parameters' },
    connection: { type: 'string', title: 'Connection' },
    database: { type: 'string', title: 'Database' },
    batchSize: { type: 'integer', title: 'Batch size', minimum: 1, maximum: 100_000 },
    perBatch: { type: 'boolean', title: 'Once per batch', default: false },
    timeout: { type: ['string', 'number'], title: 'Time-out' },
  },
  required: ['sql'],
};

/** `query` is the old name of `sql` (contract §4a). */
export function normaliseSqlQuery(config: JsonObject): JsonObject {
  const { query, ...rest } = config;
  return config.sql === undefined && typeof query === 'string' ? { ...rest, sql: query } : config;
}

/** What can be said without running the statement; its syntax is checked by DuckDB when it runs. */
export function sqlQueryProblems(config: JsonObject): readonly Problem[] {
  const declared = declaredParameters(config);
  const parsed = parseSql(typeof config.sql === 'string' ? config.sql : '', '/');
  const unknown = placeholdersOf(parsed)
    .filter(({ text }) => declared[text] === undefined)
    .flatMap(({ text, style }) => (style === 'colon' ? `:${text} has no value in \`parameters\`` : (whyNoExpression(text) ?? [])));
  const quoted = parsed.inLiterals
    .filter((name) => declared[name] !== undefined)
    .map((name) => `{{${name}}} stands inside quotes, where it is just text; write it without them`);
  const sqlProblems = [...unknown, ...quoted].map((message) => ({ path: 'sql', code: 'INVALID_VALUE', message }));
  return [...sqlProblems, ...connectionProblems(config), ...timeoutProblems(config)];
}

/** The parameters by name. */
export function declaredParameters(config: JsonObject): JsonObject {
  return isRecord(config.parameters) ? config.parameters : {};
}

/** Milliseconds; undefined = no limit of its own. */
export function queryTimeoutMs(config: JsonObject): number | undefined {
  return parseDurationMs(config.timeout);
}

function whyNoExpression(text: string): string | undefined {
  const compiled = expressionCompiler.compile(text);
  return compiled.ok ? undefined : `{{${text}}} is neither one of \`parameters\` nor an expression: ${compiled.message}`;
}

function connectionProblems(config: JsonObject): Problem[] {
  return (['connection', 'database'] as const)
    .filter((key) => isNamed(config[key]))
    .map((key) => ({
      path: key,
      code: 'NOT_SUPPORTED',
      message: `\`${key}\` can only be \`default\` (DuckDB); other databases are not available yet`,
    }));
}

function isNamed(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 'default';
}

function timeoutProblems(config: JsonObject): Problem[] {
  if (config.timeout === undefined || queryTimeoutMs(config) !== undefined) return [];
  return [{ path: 'timeout', code: 'DURATION', message: '`timeout` must be a duration such as 30s or 5m' }];
}
