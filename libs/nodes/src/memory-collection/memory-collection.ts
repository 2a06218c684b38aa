import type { Json, JsonObject } from '#core';
import { countedSource } from '../api/counted-source.js';
import type { SourceNode } from '../api/data-node.js';

/** The records written into the definition itself: a list, or a text (a JSON list, lines, or values with commas). */
export const memoryCollection: SourceNode = {
  nodeType: 'memory.collection',
  kind: 'source',
  displayName: 'Collection',
  icon: 'brackets',
  category: 'generate',
  description: 'Records that are part of the workflow definition.',
  configSchema: {
    type: 'object',
    properties: { data: { type: ['array', 'string'], title: 'Records' } },
    required: ['data'],
  },
  create(context) {
    const records = recordsOf(context.config);
    return countedSource(context, records.length, (index) => records[index] ?? null);
  },
};

function recordsOf(config: JsonObject): readonly Json[] {
  const { data } = config;
  if (Array.isArray(data)) return data;
  return typeof data === 'string' ? (parseJsonList(data) ?? splitText(data)) : [];
}

function parseJsonList(text: string): readonly Json[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? (parsed as readonly Json[]) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // then it is plain text
    throw error;
  }
}

function splitText(text: string): readonly Json[] {
  const items = text.includes('\n') ? text.split(/\r?\n/) : text.split(',');
  return items
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(item) ? Number(item) : item));
}
