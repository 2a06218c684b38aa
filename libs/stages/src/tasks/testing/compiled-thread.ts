import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const modules = ['task-thread-main', 'task-call', 'task-json', 'thrown-error', 'stand-back'];

/** Compiles the entry of a task's thread into a directory: a worker thread cannot load TypeScript. */
export async function compileTaskThread(directory: string): Promise<URL> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  for (const name of modules) {
    const source = await readFile(new URL(`../${name}.ts`, import.meta.url), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    });
    await writeFile(join(directory, `${name}.js`), outputText);
  }
  return pathToFileURL(join(directory, 'task-thread-main.js'));
}
