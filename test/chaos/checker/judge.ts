import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readTopic } from '../../cluster/log-reader.js';
import type { RunEvidence } from '../run-evidence.js';
import { checkCommands } from './check-commands.js';
import { checkEffects } from './check-effects.js';
import { checkEnds } from './check-ends.js';
import { checkFiles } from './check-files.js';
import { checkLogs } from './check-logs.js';
import { checkCommandReads, checkReads, checkTold } from './check-reads.js';
import { untilAtRest } from './check-rest.js';
import { readEffects } from './effects.js';
import { History } from './history.js';

const restWithinMs = 90_000;
const readSample = 300;

/** Everything that must hold of a run once its faults are over and its callers have gone. */
export async function judge(run: RunEvidence): Promise<string[]> {
  const { world, history, ledger, watcher, options, workflows } = run;
  options.onProgress('waiting until everything is at rest');
  const restless = await untilAtRest(() => world.url, history, ledger.entries, restWithinMs);
  const behind = await untilLagIsGone(run);
  options.onProgress('checking the log, the answers, the effects, the files and the reads');
  const again = await rereadLog(world.cluster.kafka.brokers, history);
  return [
    ...world.all.flatMap(({ surprises }) => surprises),
    ...run.injector.violations,
    ...history.violations,
    ...restless,
    ...behind,
    ...again,
    ...watcher.violations,
    ...checkTold(history, watcher.told),
    ...checkCommands(history, ledger.entries),
    ...checkEffects(history, readEffects(world.effectsDirectory)),
    ...checkEnds(history, workflows),
    ...checkFiles(history, workflows, world.filesRoot),
    ...(await checkReads(world.url, history, readSample)),
    ...(await checkCommandReads(world.url, ledger.entries, readSample)),
    ...checkLogs(join(world.directory, 'logs')),
  ];
}

/** The group has committed everything within ten seconds of rest. */
async function untilLagIsGone({ vitals }: RunEvidence): Promise<string[]> {
  const until = Date.now() + 10_000;
  for (;;) {
    const { lag } = await vitals.now();
    if (lag === 0) return [];
    if (Date.now() > until) return [`the group's lag is ${lag} although everything is decided`];
    await delay(250);
  }
}

/** Whoever reads the log from its start, after all compactions, reads what was read live. */
async function rereadLog(brokers: string, live: History): Promise<string[]> {
  const again = new History();
  for (const [partition, records] of await readTopic(brokers, 'workflow.events'))
    for (const record of records) again.take(partition, record);
  const [first, second] = [live.digest(), again.digest()];
  const differing = [...first].filter(([id, line]) => second.get(id) !== line);
  return [
    ...differing.map(([id, line]) => `read again, ${id} is "${second.get(id)}", was "${line}"`),
    ...again.violations.filter((violation) => !live.violations.includes(violation)).map((violation) => `read again: ${violation}`),
  ];
}
