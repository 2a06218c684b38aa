import type { JsonObject } from '#core';
import { namesSetting, textSetting } from '../api/config-values.js';
import type { SinkNode } from '../api/data-node.js';
import { createFileSink, discardFileSink } from '../files/file-sink.js';
import { checkPath } from '../files/path-setting.js';
import { CsvFormat } from './csv-format.js';
import { delimiterProperty } from './csv-settings.js';

/** RFC 4180 with LF; the header is `columns`, or the first record's keys. */
export const fileCsvSink: SinkNode = {
  nodeType: 'file.csv',
  kind: 'sink',
  displayName: 'CSV file',
  icon: 'table',
  category: 'output',
  description: 'Writes records as CSV; the file appears when it is complete.',
  configSchema: {
    type: 'object',
    properties: {
      path: { type: 'string', title: 'Path below the files root', minLength: 1 },
      delimiter: delimiterProperty,
      header: { type: 'boolean', title: 'Header line', default: true },
      columns: { type: ['array', 'string'], title: 'Columns', items: { type: 'string' } },
    },
    required: ['path'],
  },
  checkConfig: (config: JsonObject) => checkPath(textSetting(config, 'path')),
  discard: discardFileSink,
  create(context) {
    const { config, rejectRecord } = context;
    const delimiter = textSetting(config, 'delimiter');
    const format = new CsvFormat({ delimiter, header: config.header !== false, columns: namesSetting(config, 'columns'), rejectRecord });
    return createFileSink(context, { format });
  },
};
