import { writeSync } from 'node:fs';
import type { ThreadSettings } from '../thread-messages.js';

const stdout = 1;
const stderr = 2;

/**
 * Ends a process whose main loop never turns again, so that its supervisor starts another. The line is written straight to the
 * descriptor, and the end is SIGKILL (128 + 9 for a shell): streams, handlers and `process.exit` of a thread all need the main loop.
 */
export function endProcess(loopAgeMs: number, { credentials }: ThreadSettings): void {
  const line = {
    level: 'fatal',
    time: new Date().toISOString(),
    instance: credentials.instance,
    app: 'engine',
    event: 'process.failed',
    loopAgeMs,
    msg: `the main loop has not turned for ${loopAgeMs} ms: the process ends`,
  };
  write(`${JSON.stringify(line)}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** On stdout, like all lines; on stderr where nobody reads that any more. Whether it gets out decides nothing. */
function write(text: string): void {
  if (!hasWritten(stdout, text)) hasWritten(stderr, text);
}

function hasWritten(descriptor: number, text: string): boolean {
  try {
    return writeSync(descriptor, text) > 0;
  } catch {
    return false; // full, or closed
  }
}
