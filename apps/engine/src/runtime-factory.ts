import type { Settings } from '#config';
import { PartitionRuntime, type RuntimeObserver, systemClock, systemRandom } from '#runtime';
import type { EngineKafka } from './connect-to-kafka.js';
import type { DataPlane } from './data-plane.js';
import { runtimeSettings } from './runtime-settings.js';
import type { Stores } from './stores.js';

export interface RuntimeFactoryParts {
  readonly settings: Settings;
  readonly address: string;
  readonly stores: Stores;
  readonly kafka: EngineKafka;
  readonly dataPlane: DataPlane;
  readonly observer: RuntimeObserver;
}

/** Makes the runtime of a partition from this process's adapters. */
export function createRuntimeFactory(parts: RuntimeFactoryParts): (partition: number) => PartitionRuntime {
  const { kafka, stores, dataPlane, observer } = parts;
  const settings = runtimeSettings(parts.settings, parts.address);
  const ports = {
    log: kafka.log,
    commands: kafka.commands,
    replies: kafka.replies,
    membership: kafka.membership,
    snapshots: stores.snapshots,
    work: dataPlane.work,
    core: dataPlane.core,
    clock: systemClock,
    random: systemRandom,
    observer,
  };
  return (partition) => new PartitionRuntime(partition, ports, settings);
}
