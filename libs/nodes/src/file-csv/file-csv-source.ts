import type { JsonObject } from '#core';
import { textSetting } from '../api/config-values.js';
import type { SourceNode } from '../api/data-node.js';
import { checkPath } from '../files/path-setting.js';
import { columnTypes } from './column-types.js';
import { delimiterProperty } from './csv-settings.js';
import { CsvSource } from './csv-source.js';

const typeProperty = { type: 'string', enum: [...columnTypes] };

/** One record for each row. Column types are inferred unless `types` says otherwise. */
export const fileCsvSource: SourceNode = {
  nodeType: 'file.csv',
  kind: 'source',
  displayName: 'CSV file',
  icon: 'table',
  category: 'input',
  description: 'Reads a CSV file, one record for each row.',
  configSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', title: 'Path below the files root', minLength: 1 },
      delimiter: delimiterProperty,
      header: { type: 'boolean', title: 'The first line names the columns', default: true },
      encoding: { type: 'string', title: 'Encoding', enum: ['utf8', 'latin1'], default: 'utf8' },
      types: {
        title: 'Column types',
        anyOf: [typeProperty, { type: 'object', additionalProperties: typeProperty }],
      },
    },
    required: ['path'],
  },
  normaliseConfig: (config: JsonObject) =>
    config.header === undefined && config.skipHeader !== undefined ? { ...config, header: config.skipHeader } : config,
  checkConfig: (config: JsonObject) => checkPath(textSetting(config, 'path')),
  create: (context) => new CsvSource(context),
};
