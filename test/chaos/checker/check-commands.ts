import { type Entry, isUndecided, standingOf } from '../callers/ledger.js';
import type { History } from './history.js';

/** A command expires with the gateway's patience, by the broker's time: an owner's clock that was stepped explains nothing. */
const expiresAfterMs = 4_900;
/** A refusal for a limit is not the command's last word: the same one may be sent again later. */
const passing = 'RESOURCE_EXHAUSTED';

/** Every command that somebody gave, against what the log says became of it. */
export function checkCommands(history: History, entries: readonly Entry[]): string[] {
  const violations = [...history.commands].flatMap(([commandId, { applied, refused }]) => {
    const final = refused.filter((code) => code !== passing);
    return [
      ...(applied.length > 1 ? [`command ${commandId} was applied ${applied.length} times, at ${applied.join(', ')}`] : []),
      ...(applied.length > 0 && final.length > 0 ? [`command ${commandId} was applied at ${applied[0]} and refused: ${final.join()}`] : []),
    ];
  });
  for (const entry of entries) {
    const found = [...checkAnswers(entry), ...checkStanding(history, entry)];
    violations.push(...found.map((what) => `${entryText(entry)}: ${what}`));
  }
  return violations;
}

/** Answers to one command agree with each other. */
function checkAnswers({ answers, mayBeRefusedWith, sentAt }: Entry): string[] {
  const definite = answers.filter((answer) => !isUndecided(answer));
  const acknowledged = definite.filter(({ status }) => status === 200 || status === 201);
  const refused = definite.filter(({ status }) => status !== 200 && status !== 201);
  const ids = new Set(acknowledged.map(({ body }) => String(body.executionId ?? '-')));
  const codes = new Set(refused.map(({ code, status }) => code || String(status)));
  const isLate = answers.some(({ at }) => at >= sentAt + expiresAfterMs);
  const explained = [...mayBeRefusedWith, ...(isLate ? ['EXPIRED'] : [])];
  const unexplained = [...codes].filter((code) => !explained.includes(code));
  return [
    ...(ids.size > 1 ? [`two answers name two executions: ${[...ids].join(', ')}`] : []),
    ...(acknowledged.length > 0 && refused.length > 0 ? [`acknowledged and refused (${[...codes].join()})`] : []),
    ...(unexplained.length > 0 ? [`refused with ${unexplained.join()}: ${JSON.stringify(refused[0]?.body).slice(0, 300)}`] : []),
    ...answers
      .filter(({ ms, way }) => way === 'http' && ms > 14_000)
      .map(({ ms, status }) => `the gateway took ${ms} ms to answer (${status})`),
  ];
}

function checkStanding(history: History, entry: Entry): string[] {
  const { commandId } = entry;
  const trace = commandId === undefined ? undefined : history.commands.get(commandId);
  const applied = (trace?.applied.length ?? 0) > 0;
  switch (standingOf(entry)) {
    case 'acknowledged':
      return [
        ...(commandId === undefined || applied || trace?.accepted ? [] : ['acknowledged, but the log does not know it']),
        ...checkDone(history, entry),
      ];
    case 'refused':
      return applied ? ['refused, but it was applied'] : checkRefusal(entry, trace?.refused ?? []);
    case 'durable':
      return trace === undefined ? ['was durable, but never decided'] : [];
    case 'unknown':
      return [];
  }
}

/** L8: a refusal is on record before it is told, by the same code. */
function checkRefusal({ answers, commandId }: Entry, onRecord: readonly string[]): string[] {
  const told = answers.filter((answer) => !isUndecided(answer)).map(({ code }) => code);
  const missing = told.filter((code) => !onRecord.includes(code));
  return commandId === undefined || missing.length === 0 ? [] : [`told ${missing.join()}, on record is ${onRecord.join() || 'nothing'}`];
}

/** What an acknowledged command was for is a fact. */
function checkDone(history: History, { operation, workflowId, executionId, mark }: Entry): string[] {
  const workflow = history.workflows.get(workflowId);
  const execution = executionId === undefined ? undefined : history.execution(workflowId, executionId);
  const count = (marks: readonly string[] | undefined) => marks?.filter((each) => each === mark).length ?? 0;
  switch (operation) {
    case 'create':
    case 'update':
      return count(workflow?.marks) === 1 ? [] : [`its version is in the log ${count(workflow?.marks)} times`];
    case 'delete':
      return (workflow?.deletions ?? 0) > 0 ? [] : ['the workflow was never deleted'];
    case 'execute':
      return execution ? [] : [`there is no execution ${executionId}`];
    case 'signal':
      return count(execution?.signals) === 1 ? [] : [`its signal is in the log ${count(execution?.signals)} times`];
    case 'cancel':
      return execution?.end?.type === 'WorkflowCancelled' ? [] : [`the execution ended as ${execution?.end?.type ?? 'not at all'}`];
  }
}

function entryText({ operation, mark, workflowId, executionId, commandId, sentAt, answers }: Entry): string {
  const said = answers.map(({ status, code, at }) => `${status}${code === '' ? '' : ` ${code}`} after ${at - sentAt} ms`).join(', ');
  return `${operation} ${mark} (workflow ${workflowId}, execution ${executionId}, command ${commandId}, sent ${new Date(sentAt).toISOString()}; ${said})`;
}
