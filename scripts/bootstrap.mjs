#!/usr/bin/env node
// Brings a fresh clone to the point where compiled code can take over. Uses only Node's own modules.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const targets = {
  start: 'dist/deploy/local/start.js',
  stack: 'dist/deploy/local/stack.js',
  bench: 'dist/test/bench/main.js',
  test: 'dist/scripts/gate.js',
  chaos: 'dist/test/chaos/main.js',
  simulate: 'dist/libs/testing/src/simulation/cli.js',
  build: undefined,
};

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    // Ctrl-C reaches the whole process group; the child ends in its own order and we wait for it.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', forward);
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Millrace needs Node 20.19 or newer; this is ${process.versions.node}`);
}

async function installPackages() {
  const stamp = join(root, 'node_modules', '.millrace-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stdout.write('installing packages (once)…\n');
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it refuses a lock file that was written where packages for other platforms could not be seen. This installs what the lock says.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev'];
  const code = npm ? await run(process.execPath, [npm, ...args]) : await run('npm', args);
  if (code !== 0) fail('npm install failed: see its message above');
  writeFileSync(stamp, wanted);
}

async function build() {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const code = await run(process.execPath, [join(root, 'node_modules/typescript7/bin/tsc'), '-p', root]);
  if (code !== 0) fail('the build failed: see the compiler’s messages above');
}

checkNode();
const [name = 'build', ...rest] = process.argv.slice(2);
if (!(name in targets)) fail(`unknown command ${name}; known: ${Object.keys(targets).join(', ')}`);
await installPackages();
await build();
const target = targets[name];
process.exit(target ? await run(process.execPath, ['--enable-source-maps', join(root, target), ...rest]) : 0);
