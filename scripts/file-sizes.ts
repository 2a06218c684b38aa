import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { repositoryRoot } from '#testing/embedded';

/** House style 7: 250 lines at most for sources; 400 is a failure of design. */
const limit = 250;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs', '*.tsx'], {
  cwd: repositoryRoot(),
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !/\.(spec|d)\.ts$/.test(file));

const tooLong = files.map((file) => ({ file, lines: lineCount(`${repositoryRoot()}/${file}`) })).filter(({ lines }) => lines > limit);

function lineCount(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch {
    return 0; // listed by git, deleted in the working tree
  }
}

for (const { file, lines } of tooLong) process.stderr.write(`${file}: ${lines} lines, more than ${limit}: split it by what it is about\n`);
process.stdout.write(`${files.length} source files, ${tooLong.length} over ${limit} lines\n`);
process.exit(tooLong.length === 0 ? 0 : 1);
