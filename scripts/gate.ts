import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '#testing/embedded';

/** One step of the gate: a command, or a test project whose counts go into the closing line. */
interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly report?: string;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const reports = mkdtempSync(join(tmpdir(), 'millrace-gate-'));
const bin = (name: string) => join(repositoryRoot(), 'node_modules', '.bin', name);

function suite(project: string): Step {
  const report = join(reports, `${project}.json`);
  const command = [
    bin('vitest'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ] as const;
  return { name: `tests: ${project}`, command: [...command], report };
}

/** In the order in which a mistake is cheapest to find. Types were checked by the build before this runs. */
const steps: readonly Step[] = [
  { name: 'format and lint', command: [bin('biome'), 'ci', '.'] },
  { name: 'architecture rules', command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test', 'deploy'] },
  { name: 'unused files, exports and packages', command: [bin('knip')] },
  { name: 'copied code', command: [bin('jscpd')] },
  { name: 'file sizes', command: [process.execPath, join(repositoryRoot(), 'dist/scripts/file-sizes.js')] },
  suite('unit'),
  suite('simulation'),
  suite('integration'),
];

function run(step: Step): Promise<boolean> {
  const [file, ...args] = step.command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: repositoryRoot(), stdio: 'inherit' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

function countsOf(step: Step): Counts {
  if (!step.report) return { passed: 0, failed: 0, skipped: 0 };
  try {
    const report = JSON.parse(readFileSync(step.report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
    };
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // a suite that died before its report counts as a failure
  }
}

const only = process.argv.slice(2);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const broken: string[] = [];
for (const step of steps.filter((s) => only.length === 0 || only.some((word) => s.name.includes(word)))) {
  process.stdout.write(`\n── ${step.name}\n`);
  const started = Date.now();
  const ok = await run(step);
  const counts = countsOf(step);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  if (!ok) broken.push(step.name);
  process.stdout.write(`── ${step.name}: ${ok ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1_000).toFixed(1)} s\n`);
}
rmSync(reports, { recursive: true, force: true });
if (broken.length > 0) process.stdout.write(`\nbroken: ${broken.join(', ')}\n`);
process.stdout.write(`\n${total.passed} passed, ${Math.max(total.failed, broken.length)} failed, ${total.skipped} skipped\n`);
process.exit(broken.length === 0 ? 0 : 1);
