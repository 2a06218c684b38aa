import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaServer, PostgresServer } from '#testing/embedded';
import { readLocalSettings, takenPorts } from './local-settings.js';
import { untilSignal } from './until-signal.js';

/** `npm run stack`: only Kafka and Postgres, for development. */
const settings = readLocalSettings(process.argv.slice(2), process.env);
const taken = await takenPorts(settings, ['kafkaPort', 'postgresPort']);
if (taken.length > 0) {
  process.stderr.write(`${taken.join('\n')}\n`);
  process.exit(1);
}
const directory = (name: string) => {
  const path = join(settings.directory, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const [kafka, postgres] = await Promise.all([
  KafkaServer.start({ directory: directory('kafka'), port: settings.kafkaPort }),
  PostgresServer.start({ directory: directory('postgres'), port: settings.postgresPort }),
]);
process.stdout.write(`MILLRACE_KAFKA_BROKERS=${kafka.brokers}\nMILLRACE_POSTGRES_URL=${postgres.url}\n`);
await untilSignal();
await Promise.all([kafka.stop(), postgres.stop()]);
