import type { Json, JsonObject } from '#core';
import { recordText } from '#expressions';
import { textSetting } from '../api/config-values.js';
import type { SinkNode } from '../api/data-node.js';
import { createFileSink, discardFileSink } from '../files/file-sink.js';
import { checkPath } from '../files/path-setting.js';
import { encodingOf, encodings } from './encodings.js';

/** One line for each record: a bare text as it is, a flat record as its CSV line, anything else as JSON. */
export const fileTextSink: SinkNode = {
  nodeType: 'file.text',
  kind: 'sink',
  displayName: 'Text file',
  icon: 'file-text',
  category: 'output',
  description: 'Writes one line for each record; the file appears when it is complete.',
  configSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', title: 'Path below the files root', minLength: 1 },
      append: { type: 'boolean', title: 'Append to what is there', default: false },
      encoding: { type: 'string', title: 'Encoding', enum: encodings, default: 'utf8' },
    },
    required: ['path'],
  },
  checkConfig: (config: JsonObject) => checkPath(textSetting(config, 'path')),
  discard: discardFileSink,
  create: (context) =>
    createFileSink(context, {
      format: {
        encode: (batch) => ({ text: batch.map(line).join(''), records: batch.length }),
        state: () => null,
        restore: () => undefined,
      },
      encoding: encodingOf(context.config),
      append: context.config.append === true,
    }),
};

function line(record: Json): string {
  return `${recordText(record)}\n`;
}
