import { DuckDBInstance } from '@duckdb/node-api';

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** W5 as one SQL statement, CSV to CSV, in this process; milliseconds of the statement alone, the database being open. */
export async function duckDbFlow(input: string, output: string, threads: number): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    const started = performance.now();
    await connection.run(
      `COPY (SELECT region, count(doubled) AS count_amount, sum(doubled)::BIGINT AS sum_amount
             FROM (SELECT region, amount * 2 AS doubled FROM read_csv(${literal(input)}) WHERE amount > 100)
             GROUP BY region)
       TO ${literal(output)} (HEADER, DELIMITER ',')`,
    );
    return performance.now() - started;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
