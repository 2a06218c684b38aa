import type { Json, JsonObject, Problem } from '#core';
import { numberSetting, settingOr } from '../api/config-values.js';
import { countedSource } from '../api/counted-source.js';
import type { SourceNode } from '../api/data-node.js';
import { isRecord } from '../api/record-fields.js';
import { type SeededRandom, seededRandom } from '../random-numbers/seeded-random.js';
import { type FieldMaker, parseField } from './generated-field.js';

/** The numbers from `start` to `end`, both included; with `fields`, one record for each number instead. */
export const sequenceNumbers: SourceNode = {
  nodeType: 'sequence.numbers',
  kind: 'source',
  displayName: 'Sequence of numbers',
  icon: 'list-ordered',
  category: 'generate',
  description: 'Numbers from start to end, or generated records with the given fields.',
  configSchema: {
    type: 'object',
    properties: {
      start: { type: 'number', title: 'From', default: 1 },
      end: { type: 'number', title: 'To (included)', default: 100 },
      step: { type: 'number', title: 'Step', default: 1 },
      fields: { type: 'object', title: 'Fields of a record', additionalProperties: { type: 'string' } },
      seed: { type: ['number', 'string'], title: 'Seed of random fields' },
    },
  },
  checkConfig: (config: JsonObject) => [...checkStep(config), ...checkFields(config)],
  create(context) {
    const { config, executionId, nodeId } = context;
    const start = numberSetting(config, 'start');
    const step = numberSetting(config, 'step');
    const random = seededRandom(String(settingOr(config, 'seed', `${executionId}/${nodeId}`)));
    const fields = fieldMakers(config);
    const recordAt = (index: number): Json =>
      fields === undefined ? start + index * step : record(fields, start + index * step, index, random);
    return countedSource(context, countOf(start, numberSetting(config, 'end'), step), recordAt);
  },
};

function record(fields: readonly (readonly [string, FieldMaker])[], value: number, index: number, random: SeededRandom): JsonObject {
  return Object.fromEntries(fields.map(([name, make], lane) => [name, make({ value, index, lane, random })]));
}

function fieldMakers(config: JsonObject): (readonly [string, FieldMaker])[] | undefined {
  if (!isRecord(config.fields)) return undefined;
  return Object.entries(config.fields).map(([name, text]) => {
    const parsed = parseField(String(text));
    return [name, parsed.ok ? parsed.make : () => null] as const;
  });
}

function checkStep(config: JsonObject): Problem[] {
  return config.step === 0 ? [{ path: 'step', code: 'OUT_OF_RANGE', message: '`step` must not be 0' }] : [];
}

function checkFields(config: JsonObject): Problem[] {
  if (!isRecord(config.fields)) return [];
  return Object.entries(config.fields).flatMap(([name, text]) => {
    const parsed = parseField(String(text));
    return parsed.ok ? [] : [{ path: `fields.${name}`, code: 'INVALID_VALUE', message: parsed.message }];
  });
}

/** A step in the wrong direction makes nothing. The tolerance lets 0..1 by 0.1 reach its end. */
function countOf(start: number, end: number, step: number): number {
  const steps = Math.floor((end - start) / step + 1e-9);
  return Number.isFinite(steps) ? Math.max(0, steps + 1) : 0;
}
