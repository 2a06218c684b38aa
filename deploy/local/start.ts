import { LocalCluster } from '#testing/cluster';
import { readLocalSettings, takenPorts } from './local-settings.js';
import { runSample } from './sample.js';
import { untilSignal } from './until-signal.js';

/** `npm start`: everything on loopback, the sample workflow on real data, then serving until Ctrl-C. */
const started = Date.now();
const step = (text: string) => process.stdout.write(`[${((Date.now() - started) / 1_000).toFixed(1).padStart(5)} s] ${text}\n`);

async function main(): Promise<number> {
  const settings = readLocalSettings(process.argv.slice(2), process.env);
  const taken = await takenPorts(settings, ['kafkaPort', 'postgresPort', 'httpPort']);
  if (taken.length > 0) throw new Error(taken.join('\n'));
  const stopped = untilSignal();
  const cluster = await LocalCluster.start({
    directory: settings.directory,
    engines: settings.engines,
    kafka: { port: settings.kafkaPort },
    postgres: { port: settings.postgresPort },
    httpPort: settings.httpPort,
    onStep: step,
  });
  try {
    step('running the sample workflow');
    await runSample(cluster.url, cluster.filesRoot);
    announce(cluster);
    await stopped;
    step('stopping');
    return 0;
  } finally {
    await cluster.stop();
  }
}

function announce(cluster: LocalCluster): void {
  const lines = [
    `API        ${cluster.url}/api/v1/workflows`,
    `API docs   ${cluster.url}/api/docs`,
    `cluster    ${cluster.url}/api/v1/cluster/stats`,
    `Kafka      ${cluster.kafka.brokers}`,
    `Postgres   ${cluster.postgres.url}`,
    ...cluster.engines.map((engine) => `${engine.instance.padEnd(10)} ${engine.url}/metrics`),
    `data, logs ${cluster.options.directory}`,
  ];
  process.stdout.write(`\n${lines.join('\n')}\n\nMILLRACE_READY ${cluster.url}\n`);
  step('serving until Ctrl-C');
}

process.exit(
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }),
);
