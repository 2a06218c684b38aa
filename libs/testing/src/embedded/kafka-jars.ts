import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './repository.js';

const run = promisify(execFile);

/** A directory with a Kafka broker's jars; fetched by Maven on first use, kept under `.millrace/`. Rejects with what to install when Java or Maven is missing. */
export async function kafkaJars(): Promise<string> {
  const directory = join(repositoryRoot(), '.millrace', 'kafka-4.3.1');
  if (existsSync(directory) && readdirSync(directory).length > 0) return directory;
  await needs('java', ['-version'], 'Java 17 or newer (for the local Kafka broker)');
  await needs('mvn', ['-version'], 'Apache Maven (it fetches the local Kafka broker)');
  const staging = `${directory}.${process.pid}`;
  mkdirSync(staging, { recursive: true });
  const pom = join(repositoryRoot(), 'deploy', 'local', 'kafka', 'pom.xml');
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${staging}`], { maxBuffer: 1 << 26 });
  publish(staging, directory);
  return directory;
}

/** One rename, so that a second process never sees half of it. */
function publish(staging: string, directory: string): void {
  try {
    renameSync(staging, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
    rmSync(staging, { recursive: true }); // somebody else was first: theirs serves as well
  }
}

async function needs(command: string, args: string[], what: string): Promise<void> {
  try {
    await run(command, args);
  } catch (error) {
    throw new Error(
      `${command} was not found: install ${what}, or point MILLRACE_KAFKA_BROKERS and MILLRACE_POSTGRES_URL at your own Kafka and Postgres`,
      { cause: error },
    );
  }
}
