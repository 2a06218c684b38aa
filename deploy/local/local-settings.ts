import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isPortFree, repositoryRoot } from '#testing/embedded';

export interface LocalSettings {
  readonly directory: string;
  readonly kafkaPort: number;
  readonly postgresPort: number;
  readonly httpPort: number;
  readonly engines: number;
}

const ports = {
  kafkaPort: { option: '--kafka-port', variable: 'MILLRACE_KAFKA_PORT', fallback: 19092, what: 'Kafka' },
  postgresPort: { option: '--postgres-port', variable: 'MILLRACE_POSTGRES_PORT', fallback: 15432, what: 'Postgres' },
  httpPort: { option: '--http-port', variable: 'MILLRACE_HTTP_PORT', fallback: 8080, what: 'the gateway' },
} as const;

/** Options of `npm start` and `npm run stack`: the command line over the environment over the defaults. Throws with what is wrong. */
export function readLocalSettings(args: readonly string[], environment: NodeJS.ProcessEnv): LocalSettings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engines: { type: 'string' },
      'kafka-port': { type: 'string' },
      'postgres-port': { type: 'string' },
      'http-port': { type: 'string' },
      data: { type: 'string' },
    },
  });
  const number = (name: string, text: string | undefined, fallback: number, max: number) => {
    const value = text === undefined || text === '' ? fallback : Number(text);
    if (!Number.isInteger(value) || value < 1 || value > max)
      throw new Error(`${name} must be a whole number from 1 to ${max}, not ${text}`);
    return value;
  };
  const port = (key: keyof typeof ports) => {
    const { option, variable, fallback } = ports[key];
    const given = values[option.slice(2) as 'http-port'];
    return number(given === undefined ? variable : option, given ?? environment[variable], fallback, 65_535);
  };
  return {
    directory: resolve(values.data ?? environment.MILLRACE_DATA_DIR ?? join(repositoryRoot(), '.millrace', 'data')),
    kafkaPort: port('kafkaPort'),
    postgresPort: port('postgresPort'),
    httpPort: port('httpPort'),
    engines: number('--engines', values.engines, 2, 32),
  };
}

/** One text per port that somebody else holds, with the setting that moves it. */
export async function takenPorts(settings: LocalSettings, which: readonly (keyof typeof ports)[]): Promise<string[]> {
  const checked = await Promise.all(which.map(async (key) => ({ key, free: await isPortFree(settings[key]) })));
  return checked
    .filter(({ free }) => !free)
    .map(
      ({ key }) =>
        `port ${settings[key]} for ${ports[key].what} is taken: set ${ports[key].variable} or ${ports[key].option} to another one`,
    );
}
