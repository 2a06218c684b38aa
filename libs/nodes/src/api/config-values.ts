import type { Json, JsonObject } from '#core';
import { NodeFailure } from './failures.js';

/** A number of a config that its schema has checked. */
export function numberSetting(config: JsonObject, key: string): number {
  const value = config[key];
  if (typeof value !== 'number') throw wrongSetting(key, 'a number');
  return value;
}

/** A text of a config that its schema has checked. */
export function textSetting(config: JsonObject, key: string): string {
  const value = config[key];
  if (typeof value !== 'string') throw wrongSetting(key, 'a text');
  return value;
}

/** A list of names, written as a list or as text with commas; empty when absent. */
export function namesSetting(config: JsonObject, key: string): readonly string[] {
  const value = config[key];
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return splitNames(value);
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw wrongSetting(key, 'a name or a list of names');
}

/** The value of a key, or `otherwise` where it is absent or null. */
export function settingOr(config: JsonObject, key: string, otherwise: Json): Json {
  return config[key] ?? otherwise;
}

function splitNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function wrongSetting(key: string, wanted: string): NodeFailure {
  return new NodeFailure('CONFIG_INVALID', `the setting \`${key}\` must be ${wanted}`, { retryable: false });
}
