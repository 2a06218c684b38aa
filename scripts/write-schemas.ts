import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { commandSchemas } from '#protocol';
import { repositoryRoot } from '#testing/embedded';

/** Writes docs/schemas/commands/*.json from the validators that the engine uses: `node dist/scripts/write-schemas.js`. */
const directory = join(repositoryRoot(), 'docs', 'schemas', 'commands');
mkdirSync(directory, { recursive: true });
for (const [type, schema] of Object.entries(commandSchemas)) {
  const json = { title: type, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
  writeFileSync(join(directory, `${type}.json`), `${JSON.stringify(json, null, 2)}\n`);
}
