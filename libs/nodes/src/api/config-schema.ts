import type { ErrorObject } from 'ajv';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { JsonObject, Problem } from '#core';

/** A config schema compiled once. */
export interface ConfigValidator {
  /** A copy with defaults filled in and texts read as numbers or booleans where the schema wants those. Never fails. */
  normalise(config: JsonObject): JsonObject;
  /** Every problem of a normalised config; paths are relative to the config, e.g. `rules[0].field`. */
  problems(config: JsonObject): readonly Problem[];
}

const ajvOptions = { allErrors: true, strict: false, allowUnionTypes: true } as const;

// Numbers as text are accepted (contract §4a), other coercions are not: ajv's own would also turn null into 0 and 5 into "5".
const checking = new Ajv({ ...ajvOptions, coerceTypes: false });
const filling = new Ajv({ ...ajvOptions, useDefaults: true });
addFormats.default(checking);
addFormats.default(filling);

/** Compiles a JSON Schema (draft 7, `type: object`) of a node's config. Throws when the schema itself is wrong. */
export function createConfigValidator(schema: JsonObject): ConfigValidator {
  const validate = checking.compile(schema);
  const fill = filling.compile(schema);
  return {
    normalise(config) {
      const copy = structuredClone(config) as Record<string, JsonObject[string]>;
      readTexts(copy, schema);
      fill(copy); // only for its defaults; the verdict is that of problems()
      return copy;
    },
    problems(config) {
      return validate(config) ? [] : (validate.errors ?? []).map(toProblem);
    },
  };
}

/** Numbers and booleans written as text, at the top level of a config, become what the schema asks for. */
function readTexts(config: Record<string, JsonObject[string]>, schema: JsonObject): void {
  for (const [key, property] of Object.entries(asObject(schema.properties))) {
    const value = config[key];
    const type = asObject(property).type;
    if (typeof value !== 'string' || typeof type !== 'string') continue;
    const text = value.trim();
    if ((type === 'number' || type === 'integer') && text !== '' && Number.isFinite(Number(text))) config[key] = Number(text);
    if (type === 'boolean' && (text === 'true' || text === 'false')) config[key] = text === 'true';
  }
}

function toProblem(error: ErrorObject): Problem {
  const path = toPath(error.instancePath);
  if (error.keyword === 'required') {
    const missing = String(error.params.missingProperty);
    return { path: joinPath(path, missing), code: 'REQUIRED', message: `\`${missing}\` is missing` };
  }
  if (error.keyword === 'additionalProperties') {
    const extra = String(error.params.additionalProperty);
    return { path: joinPath(path, extra), code: 'UNKNOWN_KEY', message: `\`${extra}\` is not a setting of this node` };
  }
  return { path, code: codeOf(error.keyword), message: `${path === '' ? 'the config' : `\`${path}\``} ${explain(error)}` };
}

function explain(error: ErrorObject): string {
  const allowed = error.params.allowedValues;
  return Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : (error.message ?? 'is not valid');
}

function codeOf(keyword: string): string {
  if (keyword === 'type') return 'WRONG_TYPE';
  return /minimum|maximum|length|items/i.test(keyword) ? 'OUT_OF_RANGE' : 'INVALID_VALUE';
}

/** `/rules/0/field` → `rules[0].field`. */
function toPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : joinPath(path, part)), '');
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function asObject(value: JsonObject[string] | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
