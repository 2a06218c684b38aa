import { describe, expect, it } from 'vitest';
import { createConfigValidator } from './config-schema.js';

const validator = createConfigValidator({
  type: 'object',
  properties: {
    count: { type: 'integer', default: 3, minimum: 1 },
    ratio: { type: 'number' },
    header: { type: 'boolean', default: true },
    mode: { type: 'string', enum: ['a', 'b'] },
    rules: { type: 'array', items: { type: 'object', properties: { field: { type: 'string' } }, required: ['field'] } },
  },
  required: ['mode'],
  additionalProperties: false,
});

describe('a config schema', () => {
  it('fills defaults in and reads numbers and booleans written as text', () => {
    expect(validator.normalise({ ratio: ' 2.5 ', header: 'false', mode: '5' })).toEqual({ count: 3, ratio: 2.5, header: false, mode: '5' });
  });

  it('leaves what it cannot read, and the given config itself, as they are', () => {
    const config = { count: 'many', header: 'maybe', ratio: '' };
    expect(validator.normalise(config)).toEqual({ count: 'many', header: 'maybe', ratio: '' });
    expect(config).toEqual({ count: 'many', header: 'maybe', ratio: '' });
  });

  it('lists every problem with its path', () => {
    const problems = validator.problems({ count: 0, ratio: 'x', rules: [{ field: 'a' }, {}], extra: 1 });
    expect(problems.map(({ path, code }) => `${path} ${code}`).sort()).toEqual([
      'count OUT_OF_RANGE',
      'extra UNKNOWN_KEY',
      'mode REQUIRED',
      'ratio WRONG_TYPE',
      'rules[1].field REQUIRED',
    ]);
  });

  it('names the values that are allowed', () => {
    expect(validator.problems({ mode: 'c' })).toMatchObject([
      { path: 'mode', code: 'INVALID_VALUE', message: '`mode` must be one of a, b' },
    ]);
  });
});
