import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an engine says only when something is broken that no fault of a run explains. */
const alarms = /halted|quarantined|UNEXPECTED|[Uu]nhandled/;

/** Alarms in the logs of the apps, one line of each kind. */
export function checkLogs(directory: string): string[] {
  const seen = new Map<string, { count: number; line: string }>();
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.log'))) {
    for (const line of readFileSync(join(directory, name), 'utf8').split('\n')) {
      if (!isAlarm(line)) continue;
      const kind = line.replace(/\d+/g, '#').slice(0, 200);
      const known = seen.get(kind) ?? { count: 0, line: `${name}: ${line.slice(0, 500)}` };
      known.count += 1;
      seen.set(kind, known);
    }
  }
  return [...seen.values()].map(({ count, line }) => `alarm in a log (${count} times): ${line}`);
}

/** A line that is no JSON comes from Node itself: a process that dies, or a warning. */
function isAlarm(line: string): boolean {
  return line.startsWith('{') ? alarms.test(line) : /^\S*(Error|Warning)\b/.test(line);
}
