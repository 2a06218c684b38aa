import { aggregate } from './aggregate/aggregate.js';
import { aggregateCount, aggregateCountSink } from './aggregate/aggregate-count.js';
import { aggregateSum } from './aggregate/aggregate-sum.js';
import type { DataNode } from './api/data-node.js';
import { batch } from './batch/batch.js';
import { consoleLog } from './console-log/console-log.js';
import { distinct } from './distinct/distinct.js';
import { fileCsvSink } from './file-csv/file-csv-sink.js';
import { fileCsvSource } from './file-csv/file-csv-source.js';
import { fileTextSink } from './file-text/file-text-sink.js';
import { fileTextSource } from './file-text/file-text-source.js';
import { filter, filterCondition } from './filter/filter.js';
import { map, mapTransform } from './map/map.js';
import { memoryCollection } from './memory-collection/memory-collection.js';
import { randomNumbers } from './random-numbers/random-numbers.js';
import { sequenceNumbers } from './sequence-numbers/sequence-numbers.js';
import { sqlQuerySource, sqlQueryTransform } from './sql-query/sql-query.js';

/** The built-in data nodes, one entry for each role of a node type. */
export const builtInDataNodes: readonly DataNode[] = [
  randomNumbers,
  sequenceNumbers,
  memoryCollection,
  fileCsvSource,
  fileTextSource,
  sqlQuerySource,
  filter,
  map,
  distinct,
  batch,
  aggregateSum,
  aggregateCount,
  aggregate,
  sqlQueryTransform,
  consoleLog,
  aggregateCountSink,
  fileTextSink,
  fileCsvSink,
];

/** Old names of data nodes (contract §4a): known, but not listed. */
export const renamedDataNodes: readonly DataNode[] = [filterCondition, mapTransform];
