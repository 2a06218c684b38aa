import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines of an instance's log, as an operator's collector would read them. */
export function logLines(directory: string, instance: string): Record<string, unknown>[] {
  const file = join(directory, 'logs', `${instance}.log`);
  if (!existsSync(file)) return []; // it has only just been started
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
