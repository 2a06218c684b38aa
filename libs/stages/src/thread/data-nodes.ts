import { createDataNodeResolver, type DataNodeResolver, loadUserNodes } from '#nodes';

const byDirectory = new Map<string | undefined, Promise<DataNodeResolver>>();

/** The data nodes a thread can run: built-in ones and those of MILLRACE_NODES_DIR, which is read once per thread. */
export async function loadDataNodes(nodesDir: string | undefined): Promise<DataNodeResolver> {
  const known = byDirectory.get(nodesDir) ?? loadUserNodes(nodesDir).then(createDataNodeResolver);
  byDirectory.set(nodesDir, known);
  return known;
}
