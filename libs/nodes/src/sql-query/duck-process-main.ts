import { rmSync } from 'node:fs';
import type { DuckReply, DuckRequest } from './duck-protocol.js';
import { LocalDuckSession } from './duck-session.js';
import { sqlTrouble } from './sql-trouble.js';

/** Entry of the process that hosts DuckDB for one stage. It lives exactly as long as whoever started it wants it. */
const session = new LocalDuckSession();
let spillDirectory: string | undefined;

async function answer(request: DuckRequest): Promise<DuckReply> {
  switch (request.call) {
    case 'open':
      spillDirectory = request.limits.spillDirectory;
      await session.open(request.limits);
      return { ok: true };
    case 'append':
      await session.append(request.records);
      return { ok: true };
    case 'clear':
      await session.clear();
      return { ok: true };
    case 'query':
      await session.query(request.query);
      return { ok: true };
    case 'fetch': {
      const rows = await session.fetch();
      return rows === undefined ? { ok: true } : { ok: true, rows };
    }
  }
}

process.on('message', (request: DuckRequest) => {
  answer(request)
    .catch((error: unknown): DuckReply => {
      const { code, message, retryable } = sqlTrouble(error);
      return { ok: false, code, message, retryable };
    })
    .then((reply) => process.send?.(reply));
});

/** The other side is gone, perhaps by kill -9: a query in flight would go on for nobody, and could hold up an orderly exit. */
function leave(): void {
  if (spillDirectory !== undefined) rmSync(spillDirectory, { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}

process.on('disconnect', leave);
process.stdin.on('end', leave);
process.stdin.resume();
