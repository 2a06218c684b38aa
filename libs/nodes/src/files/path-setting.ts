import type { Problem } from '#core';
import { pathProblem } from './files-root.js';

/** Problems of a `path` setting, as far as they show without the disk. */
export function checkPath(path: string): Problem[] {
  const problem = pathProblem(path);
  return problem === undefined ? [] : [{ path: 'path', code: 'PATH_NOT_ALLOWED', message: `the path \`${path}\` ${problem}` }];
}
