import type { JsonObject } from '#core';

/** Encodings a text file may have. */
export const encodings = ['utf8', 'latin1', 'utf16le'];

/** The encoding of a config whose schema has been checked; UTF-8 where none is named. */
export function encodingOf(config: JsonObject): 'utf8' | 'latin1' | 'utf16le' {
  const { encoding } = config;
  return encoding === 'latin1' || encoding === 'utf16le' ? encoding : 'utf8';
}
