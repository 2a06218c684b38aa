import type { Json } from '#core';
import type { Work } from '#runtime';
import type { StageSpec } from '../stage-spec.js';
import { limitsOf, type StageRunnerSettings } from './stage-settings.js';

/** An attempt as plain data for its thread: compiled expressions stay behind, the thread compiles its own. */
export function stageSpecOf(work: Work, settings: StageRunnerSettings): StageSpec {
  const { executionId, workflowId, attempt, epoch, scope, unit, checkpoint } = work;
  return {
    ...{ executionId, workflowId, attempt, epoch, scope },
    lastAttempt: isLastAttempt(work),
    nodes: work.nodes.map(({ id, nodeType, kind, config, onRecordError }) => ({ id, nodeType, kind, config, onRecordError })),
    edges: unit.innerEdges.map(({ source, target }) => ({ source, target })),
    leaving: [...new Set(unit.outgoing.map(({ source }) => source))],
    input: recordsOf(work.input),
    filesRoot: settings.filesRoot,
    limits: limitsOf(settings),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(settings.nodesDir === undefined ? {} : { nodesDir: settings.nodesDir }),
  };
}

/** Attempts that were lost with their engine count too: at worst a retry starts over instead of going on. */
export function isLastAttempt({ attempt, unit }: Work): boolean {
  return attempt >= unit.retry.maxAttempts;
}

/** What enters a stage from outside: a list is its records, anything else one record, nothing is none. */
function recordsOf(input: Json): readonly Json[] {
  if (input === null || input === undefined) return [];
  return Array.isArray(input) ? input : [input];
}
