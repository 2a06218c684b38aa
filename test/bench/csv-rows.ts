import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const rowsPerChunk = 10_000;

/** Writes `id,region,amount,price,day` with that many rows; the same rows each time (a linear congruential generator). */
export async function writeCsv(path: string, rows: number): Promise<void> {
  await pipeline(Readable.from(chunks(rows)), createWriteStream(path));
}

/** The lines of a small CSV file below its header, in one order whatever wrote it. */
export function sortedRows(path: string): string {
  return readFileSync(path, 'utf8').trim().split('\n').slice(1).sort().join('\n');
}

function* chunks(rows: number): Generator<string> {
  let state = 12_345;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  yield 'id,region,amount,price,day\n';
  for (let start = 1; start <= rows; start += rowsPerChunk) {
    let chunk = '';
    for (let id = start; id < Math.min(rows + 1, start + rowsPerChunk); id += 1)
      chunk += `${id},region-${next(100)},${next(1_000)},${next(10_000) / 100},2024-0${1 + next(9)}-${10 + next(18)}\n`;
    yield chunk;
  }
}
