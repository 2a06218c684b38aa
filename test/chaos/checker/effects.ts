import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a node left on disk, outside the engine's reach. */
export interface Effect {
  readonly kind: 'start' | 'done' | 'failed';
  readonly executionId: string;
  readonly nodeId: string;
  readonly attempt: number;
  /** Whose file it was in. */
  readonly instance: string;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** Every effect of a run; a line that was cut by a kill is left out. */
export function readEffects(directory: string): Effect[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((file) =>
    readFileSync(join(directory, file), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => effectOf(line, file.replace(/\.log$/, ''))),
  );
}

function effectOf(line: string, instance: string): Effect {
  const [kind, executionId = '', nodeId = '', attempt, time] = line.split(' ');
  return { kind: kind as Effect['kind'], executionId, nodeId, attempt: Number(attempt), instance, time: Number(time) };
}
