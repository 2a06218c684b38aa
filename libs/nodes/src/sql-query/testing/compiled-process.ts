import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true };

/** Compiles the entry of the database process and what it imports into an empty directory: a process cannot load TypeScript. */
export async function compileDuckProcess(directory: string): Promise<URL> {
  const root = fileURLToPath(new URL('../../../../../', import.meta.url));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const compiled = new Set<string>();
  const compile = async (name: string): Promise<void> => {
    if (compiled.has(name)) return;
    compiled.add(name);
    const { outputText } = ts.transpileModule(await readFile(new URL(`../${name}.ts`, import.meta.url), 'utf8'), { compilerOptions });
    await writeFile(join(directory, `${name}.js`), outputText);
    for (const [, imported = ''] of outputText.matchAll(/from '\.\/([\w-]+)\.js'/g)) await compile(imported);
  };
  await compile('duck-process-main');
  return pathToFileURL(join(directory, 'duck-process-main.js'));
}
