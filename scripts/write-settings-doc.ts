import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingFields } from '#config';
import { repositoryRoot } from '#testing/embedded';

/** Writes docs/settings.md from the schema, so that the two cannot differ: `node dist/scripts/write-settings-doc.js`. */
const rows = Object.entries(settingFields).map(([name, field]) => {
  const fallback = 'fallback' in field ? field.fallback : undefined;
  const shown =
    name === 'MILLRACE_INSTANCE_ID'
      ? 'host name and process id'
      : name === 'MILLRACE_FILES_ROOT'
        ? 'below the temporary directory'
        : (fallback ?? '—');
  const note = field.note as { meaning: string; unit?: string; mustMatch: boolean };
  return `| \`${name}\` | ${note.meaning} | ${note.unit ?? ''} | ${shown} | ${note.mustMatch ? 'yes' : 'no'} |`;
});
const head = [
  '# Settings',
  '',
  'From the environment; a `.env` file in the working directory is read under it. All problems are listed at once at start, exit code 78.',
  'A duration is a whole number with `ms`, `s`, `m`, `h` or `d`. This page is generated from `libs/config`.',
  '',
  '| setting | meaning | unit | default | must match on all instances |',
  '|---|---|---|---|---|',
];
writeFileSync(join(repositoryRoot(), 'docs', 'settings.md'), `${[...head, ...rows].join('\n')}\n`);
