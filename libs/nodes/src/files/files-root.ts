import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { NodeFailure } from '../api/failures.js';

/**
 * Absolute path of an existing file below the files root. Throws a NodeFailure: `PATH_NOT_ALLOWED` when the path leaves
 * the root, by `..`, as an absolute path or through a symbolic link; `FILE_NOT_FOUND` when there is no such file.
 */
export async function resolveForReading(filesRoot: string, path: string): Promise<string> {
  const root = await realRoot(filesRoot);
  return refuseOutside(root, path, await realOrMissing(insideOf(root, path), path));
}

/**
 * Absolute path for a file that is to be written below the files root. Missing directories are made, none of
 * them may lead out of the root; a name that is a symbolic link is refused: the file it points to would not be replaced.
 */
export async function resolveForWriting(filesRoot: string, path: string): Promise<string> {
  const root = await realRoot(filesRoot);
  const wished = insideOf(root, path);
  if (wished === root) throw notAllowed(path);
  const directory = await makeDirectory(root, path, dirname(wished));
  const target = join(directory, basename(wished));
  const real = await realpath(target).catch((error: unknown) => absent(error, target));
  if (real !== target) throw notAllowed(path);
  return target;
}

/** What is wrong with a path as written, without looking at the disk; undefined when nothing is. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'contains a zero byte';
  if (isAbsolute(path)) return undefined; // taken when it lies below the root, which only the engine knows
  const normal = normalize(path);
  return normal === '..' || normal.startsWith(`..${sep}`) ? 'leads out of MILLRACE_FILES_ROOT' : undefined;
}

async function realRoot(filesRoot: string): Promise<string> {
  try {
    return await realpath(filesRoot);
  } catch (cause) {
    throw new NodeFailure('FILES_ROOT_MISSING', `the files root ${filesRoot} cannot be opened; create it or set MILLRACE_FILES_ROOT`, {
      cause,
    });
  }
}

/** Makes `directory`, below the deepest ancestor that exists, once that is known to lie inside the root. */
async function makeDirectory(root: string, path: string, directory: string): Promise<string> {
  const missing: string[] = [];
  let existing = directory;
  for (let real: string | undefined; existing !== root; existing = dirname(existing)) {
    real = await realpath(existing).catch((error: unknown) => absent(error, undefined));
    if (real !== undefined) {
      existing = real;
      break;
    }
    missing.unshift(basename(existing));
  }
  const made = join(refuseOutside(root, path, existing), ...missing);
  await mkdir(made, { recursive: true });
  return made;
}

/** An absolute path is taken when it lies below the root: people paste them. */
function insideOf(root: string, path: string): string {
  if (path.includes('\0')) throw notAllowed(path);
  return refuseOutside(root, path, resolve(root, path));
}

function refuseOutside(root: string, path: string, absolute: string): string {
  if (absolute !== root && !absolute.startsWith(root.endsWith(sep) ? root : root + sep)) throw notAllowed(path);
  return absolute;
}

function notAllowed(path: string): NodeFailure {
  return new NodeFailure('PATH_NOT_ALLOWED', `the path \`${path}\` leads out of MILLRACE_FILES_ROOT`, { retryable: false });
}

async function realOrMissing(absolute: string, path: string): Promise<string> {
  try {
    return await realpath(absolute);
  } catch (cause) {
    throw new NodeFailure('FILE_NOT_FOUND', `\`${path}\` cannot be opened below MILLRACE_FILES_ROOT (${codeOf(cause)})`, { cause });
  }
}

function absent<Instead>(error: unknown, instead: Instead): Instead {
  if (codeOf(error) === 'ENOENT') return instead;
  throw error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
