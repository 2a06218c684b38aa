import type { Json } from '#core';
import type { NodePresentation, SourceNode, TransformNode } from '../api/data-node.js';
import type { Batch } from '../api/operators.js';
import { DuckProcess } from './duck-process.js';
import { SqlQueryRun, type StartSession } from './sql-query-run.js';
import { normaliseSqlQuery, sqlQueryProblems, sqlQuerySchema } from './sql-query-settings.js';

const presentation: NodePresentation = {
  nodeType: 'sql.query',
  displayName: 'SQL query',
  icon: 'database',
  category: 'sql',
  description: 'Runs one SELECT on DuckDB, over files below the files root or over its input as the table input.',
  configSchema: sqlQuerySchema,
};

const checks = { normaliseConfig: normaliseSqlQuery, checkConfig: sqlQueryProblems } as const;

/** `sql.query` without an input: its rows are the records. After a crash it runs again from the start. */
export function sqlQuerySourceOn(start: StartSession): SourceNode {
  return {
    ...presentation,
    ...checks,
    kind: 'source',
    create(context) {
      const run = new SqlQueryRun(context, start);
      return {
        async *read() {
          for await (const records of run.rows()) yield { records };
        },
        close: () => run.close(),
      };
    },
  };
}

/**
 * `sql.query` with an input: the whole input is the table `input`, or each batch by itself with `perBatch`. Over the whole
 * input there is no checkpoint once records have come in: after a crash the stage starts over.
 */
export function sqlQueryTransformOn(start: StartSession): TransformNode {
  return {
    ...presentation,
    ...checks,
    kind: 'transform',
    create(context) {
      const run = new SqlQueryRun(context, start);
      if (context.config.perBatch === true) return { process: (batch) => oneBatch(run, batch), close: () => run.close() };
      let empty = true;
      return {
        async process(batch) {
          empty = empty && batch.length === 0;
          await run.append(batch);
          return [];
        },
        finish: () => run.rows(),
        state: () => (empty ? null : undefined),
        close: () => run.close(),
      };
    },
  };
}

async function oneBatch(run: SqlQueryRun, batch: Batch): Promise<Batch> {
  await run.append(batch);
  const rows: Json[] = [];
  for await (const part of run.rows()) for (const row of part) rows.push(row);
  await run.clear();
  return rows;
}

const inProcessOfItsOwn: StartSession = (heapMb) => new DuckProcess(heapMb);

/** `sql.query` in both roles, on a DuckDB process per attempt. */
export const sqlQuerySource = sqlQuerySourceOn(inProcessOfItsOwn);
export const sqlQueryTransform = sqlQueryTransformOn(inProcessOfItsOwn);
