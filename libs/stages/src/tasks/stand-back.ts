import { setPriority } from 'node:os';

const standBackBy = 10;

/**
 * Called in a worker thread: nodes that compute must not take the processor from the engine's loop, the broker or the database. On
 * Linux a thread has a priority of its own; elsewhere it would be the whole process's, which keeps what it has.
 */
export function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(standBackBy);
  } catch {
    // a sandbox may forbid it: then the threads compete as equals
  }
}
