import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCluster } from '#testing/cluster';
import { freePort, repositoryRoot } from '#testing/embedded';
import type { Place } from '../faults/fault-plan.js';
import { Berth, type Launch } from './berth.js';
import { Door } from './door.js';
import { Surroundings } from './surroundings.js';

const places: readonly Place[] = ['engine-1', 'engine-2', 'engine-3', 'gateway', 'projector'];
export const enginePlaces: readonly Place[] = places.slice(0, 3);

const partitions = 8;

/** Three engines, a gateway and a projector, each behind a door of its own; a real broker, a real database. */
export class ChaosWorld {
  private constructor(
    readonly directory: string,
    readonly cluster: LocalCluster,
    private readonly berths: ReadonlyMap<Place, Berth>,
    readonly surroundings: Surroundings,
  ) {}

  static async start(): Promise<ChaosWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
    chmodSync(directory, 0o755); // as root, Postgres runs as another user and must get through
    mkdirSync(join(directory, 'effects'));
    const doors = await Promise.all(places.map(async (place) => ({ place, port: await freePort(), advertisedPort: await freePort() })));
    const cluster = await LocalCluster.start({
      directory,
      engines: 0,
      gateways: 0,
      projector: false,
      kafka: { doors, properties: { 'log.cleaner.backoff.ms': '500', 'log.retention.check.interval.ms': '5000' } },
      environment: environmentOf(directory),
    });
    const surroundings = new Surroundings(directory);
    const berths = new Map<Place, Berth>();
    for (const { place, port, advertisedPort } of doors) {
      const door = await Door.open({ broker: port, advertised: advertisedPort, postgres: cluster.postgres.port });
      berths.set(place, new Berth(place, door, launchOf(cluster, place, surroundings.environmentOf(place))));
    }
    const world = new ChaosWorld(directory, cluster, berths, surroundings);
    try {
      await Promise.all([...berths.values()].map((berth) => berth.start()));
      await world.ready(60_000);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  berth(place: Place): Berth {
    const berth = this.berths.get(place);
    if (!berth) throw new RangeError(`no place ${place}`);
    return berth;
  }

  get all(): readonly Berth[] {
    return [...this.berths.values()];
  }

  get url(): string {
    return this.berth('gateway').url;
  }

  get filesRoot(): string {
    return this.cluster.filesRoot;
  }

  get effectsDirectory(): string {
    return join(this.directory, 'effects');
  }

  /** Waits until every process says that it is ready. */
  async ready(timeoutMs: number): Promise<void> {
    await Promise.all(this.all.map((berth) => berth.ready(timeoutMs)));
  }

  /** Undoes every fault: doors open, everything awake and running. */
  async heal(): Promise<void> {
    this.surroundings.heal();
    for (const berth of this.all) {
      berth.door.heal();
      berth.thaw();
    }
    await this.startServers();
    await Promise.all(this.all.map((berth) => berth.start()));
    await this.ready(90_000);
  }

  /** Starts the broker and the database where they are down. */
  async startServers(): Promise<void> {
    const { kafka, postgres } = this.cluster;
    await Promise.all([kafka.running ? undefined : kafka.restart(), postgres.running ? undefined : postgres.restart()]);
  }

  async stop(): Promise<void> {
    for (const berth of this.all) berth.thaw();
    await Promise.all(this.all.map((berth) => berth.kill()));
    await this.cluster.stop();
    await Promise.all(this.all.map((berth) => berth.door.close()));
  }
}

function environmentOf(directory: string): Record<string, string> {
  return {
    MILLRACE_PARTITIONS: String(partitions),
    MILLRACE_LOG_LEVEL: 'info',
    MILLRACE_NODES_DIR: join(repositoryRoot(), 'test/chaos/nodes'),
    MILLRACE_TEST_EFFECTS: join(directory, 'effects'),
    MILLRACE_PASSIVATE_AFTER_MS: '2000',
    MILLRACE_SNAPSHOT_EVERY: '20',
  };
}

function launchOf(cluster: LocalCluster, place: Place, own: Record<string, string>): Launch {
  switch (place) {
    case 'gateway':
      return (instance, environment) => cluster.addGateway(instance, { ...environment, ...own });
    case 'projector':
      return (instance, environment) => cluster.addProjector(instance, { ...environment, ...own });
    default:
      return (instance, environment) => cluster.addEngine(instance, { ...environment, ...own });
  }
}
