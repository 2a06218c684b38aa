import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DuckLimits } from './duck-protocol.js';

/**
 * An empty in-memory database that can read files below the files root and nothing else: no other files, no network, no
 * extensions, no changes of settings (design §7). DuckDB resolves `..` and symbolic links before it decides.
 */
export async function openDatabase(
  limits: DuckLimits,
): Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(limits.threads),
    memory_limit: `${limits.memoryMb}MiB`,
    temp_directory: limits.spillDirectory,
    max_temp_directory_size: `${limits.spillMb}MiB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_directories = [${sqlText(withSlash(limits.filesRoot))}]`);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true'); // last: from here on nothing can be set any more
  return { instance, connection };
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function withSlash(directory: string): string {
  return directory.endsWith('/') ? directory : `${directory}/`;
}
