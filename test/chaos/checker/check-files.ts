import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrawnWorkflow } from '../program/drawn-workflow.js';
import { contentOf, type ExpectedFile } from '../program/file-block.js';
import type { History } from './history.js';

/** Result files, byte for byte: whole where an execution completed, never torn, and no part file left when nothing runs any more. */
export function checkFiles(history: History, workflows: ReadonlyMap<string, readonly DrawnWorkflow[]>, filesRoot: string): string[] {
  const violations: string[] = [];
  const required = new Set<string>();
  for (const { workflowId, version, end } of history.executions.values()) {
    if (end?.type !== 'WorkflowCompleted') continue;
    for (const { path } of workflows.get(workflowId)?.[version - 1]?.files ?? []) required.add(path);
  }
  for (const file of [...workflows.values()].flat().flatMap(({ files }) => files)) {
    violations.push(...checkFile(file, join(filesRoot, file.path), required.has(file.path)));
  }
  return [...violations, ...leftovers(filesRoot)];
}

function checkFile(file: ExpectedFile, path: string, isRequired: boolean): string[] {
  if (!existsSync(path)) return isRequired ? [`${file.path} is missing although an execution that writes it completed`] : [];
  const content = readFileSync(path, 'utf8');
  const expected = contentOf(file);
  if (content === expected) return [];
  const lines = content.split('\n');
  const wanted = expected.split('\n');
  const at = wanted.findIndex((line, index) => line !== lines[index]);
  return [`${file.path} has ${lines.length} lines, not ${wanted.length}; line ${at + 1} is ${lines[at]}, not ${wanted[at]}`];
}

/** Part files when nothing runs any more. */
function leftovers(filesRoot: string): string[] {
  if (!existsSync(filesRoot)) return [];
  return readdirSync(filesRoot, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.part'))
    .map((name) => `part file left behind: ${name}`);
}
