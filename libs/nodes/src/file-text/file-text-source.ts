import type { JsonObject } from '#core';
import { textSetting } from '../api/config-values.js';
import type { SourceNode } from '../api/data-node.js';
import { checkPath } from '../files/path-setting.js';
import { encodings } from './encodings.js';
import { TextSource } from './text-source.js';

/** One bare text for each line. */
export const fileTextSource: SourceNode = {
  nodeType: 'file.text',
  kind: 'source',
  displayName: 'Text file',
  icon: 'file-text',
  category: 'input',
  description: 'Reads a text file, one record for each line.',
  configSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', title: 'Path below the files root', minLength: 1 },
      encoding: { type: 'string', title: 'Encoding', enum: encodings, default: 'utf8' },
    },
    required: ['path'],
  },
  checkConfig: (config: JsonObject) => checkPath(textSetting(config, 'path')),
  create: (context) => new TextSource(context),
};
