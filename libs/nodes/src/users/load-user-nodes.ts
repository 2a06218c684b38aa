import { readdir } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FatalError } from '#runtime';
import { createConfigValidator } from '../api/config-schema.js';
import { isUserNode, whyNoUserNode } from './check-user-node.js';
import type { UserNode } from './user-node.js';

/** A user's node and the file it came from, which a thread loads again. */
export interface LoadedUserNode {
  readonly node: UserNode;
  /** `file:` URL of the module. */
  readonly url: string;
}

/**
 * Loads every `.js` and `.mjs` file of a directory, in the order of their names (contract §8); undefined = no nodes. Throws
 * a FatalError `USER_NODES_INVALID` that names the file and the reason: a file that does not load, a default export that is
 * no node or list of nodes, a schema that does not compile, a node type in two files. Other files are left alone.
 */
export async function loadUserNodes(directory: string | undefined): Promise<readonly LoadedUserNode[]> {
  if (directory === undefined) return [];
  const files = (await listFiles(directory)).filter((name) => ['.js', '.mjs'].includes(extname(name))).sort();
  const loaded: LoadedUserNode[] = [];
  for (const file of files) loaded.push(...(await loadFile(join(resolve(directory), file))));
  refuseTwins(loaded);
  return loaded;
}

/** The nodes of one module, by its URL: for threads, which load only what they run. */
export async function importUserNodes(url: string): Promise<readonly UserNode[]> {
  const exported: unknown = (await import(url)).default;
  const nodes: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  return nodes.map((node) => (isUserNode(node) ? node : invalid(url, whyNoUserNode(node) ?? 'not a node')));
}

async function listFiles(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    return invalid(directory, 'the directory MILLRACE_NODES_DIR cannot be read', cause);
  }
}

async function loadFile(path: string): Promise<readonly LoadedUserNode[]> {
  const url = pathToFileURL(path).href;
  const nodes = await importUserNodes(url).catch((cause: unknown) =>
    cause instanceof FatalError ? invalid(path, reasonOf(cause)) : invalid(path, `the file does not load: ${reasonOf(cause)}`, cause),
  );
  for (const node of nodes) compileSchema(node, path);
  return nodes.map((node) => ({ node, url }));
}

function compileSchema(node: UserNode, path: string): void {
  try {
    if (node.configSchema !== undefined) createConfigValidator(node.configSchema);
  } catch (cause) {
    invalid(path, `${node.nodeType}: configSchema is no valid JSON Schema: ${reasonOf(cause)}`, cause);
  }
}

function refuseTwins(loaded: readonly LoadedUserNode[]): void {
  const seen = new Map<string, string>();
  for (const { node, url } of loaded) {
    const other = seen.get(node.nodeType);
    if (other !== undefined) invalid(url, `the node type ${node.nodeType} is also defined in ${other}`);
    seen.set(node.nodeType, url);
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/^user nodes, .*?: /, '') : String(cause);
}

/** Stops the start with the file and the reason. */
export function invalid(file: string, reason: string, cause?: unknown): never {
  throw new FatalError('USER_NODES_INVALID', `user nodes, ${file}: ${reason}`, cause === undefined ? undefined : { cause });
}
