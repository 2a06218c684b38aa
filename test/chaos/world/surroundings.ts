import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '#testing/embedded';
import type { Place } from '../faults/fault-plan.js';

/** An address of its own on loopback for each process, so that others know whom they connect to. */
const hosts: Readonly<Record<Place, string>> = {
  'engine-1': '127.0.0.11',
  'engine-2': '127.0.0.12',
  'engine-3': '127.0.0.13',
  gateway: '127.0.0.14',
  projector: '127.0.0.15',
};

export type PeerLinkState = 'open' | 'shut' | 'silent';

/**
 * What lies around the processes: the links between them (pings and questions between engines, the gateway's questions to owners), and
 * each one's wall clock.
 */
export class Surroundings {
  readonly #states = new Map<string, PeerLinkState | number>();
  readonly #file: string;

  constructor(directory: string) {
    this.#file = join(directory, 'surroundings.json');
    this.#write();
  }

  /** Settings under which a process lives in them. */
  environmentOf(place: Place): Record<string, string> {
    const preload = pathToFileURL(join(repositoryRoot(), 'test/chaos/world/surroundings.mjs')).href;
    return {
      NODE_OPTIONS: `--import=${preload}`,
      MILLRACE_ENGINE_HOST: hosts[place],
      MILLRACE_CLUSTER_SECRET: 'chaos-between-engines',
      MILLRACE_TEST_SURROUNDINGS: this.#file,
      MILLRACE_TEST_PEER_HOSTS: Object.values(hosts).join(','),
    };
  }

  /** Both ways; obeyed within a tenth of a second. */
  setLink(a: Place, b: Place, state: PeerLinkState): void {
    this.#states.set([hosts[a], hosts[b]].sort().join(' '), state);
    this.#write();
  }

  /** Steps the wall clock of a process by so many milliseconds from the true time; 0 = right again. */
  setClock(place: Place, offMs: number): void {
    this.#states.set(`clock ${hosts[place]}`, offMs);
    this.#write();
  }

  heal(): void {
    this.#states.clear();
    this.#write();
  }

  /** In one step: a reader never sees half of it. */
  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#states)));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
