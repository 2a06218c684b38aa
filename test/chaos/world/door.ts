import { type ProduceFault, ProduceProxy } from '../../../libs/kafka/src/testing/index.js';
import { LinkProxy } from './link-proxy.js';

/** What a process can be cut off from. */
export type Remote = 'kafka' | 'postgres';

export interface DoorPorts {
  /** The broker's listener for this door. */
  readonly broker: number;
  /** Where that listener sends its clients: this door. */
  readonly advertised: number;
  readonly postgres: number;
}

/** One process's only way to Kafka and Postgres: everything it says and hears goes through here. */
export class Door {
  private constructor(
    private readonly ports: DoorPorts,
    private readonly produce: ProduceProxy,
    private readonly links: Readonly<Record<Remote, LinkProxy>>,
  ) {}

  static async open(ports: DoorPorts): Promise<Door> {
    const kafka = await LinkProxy.start(ports.broker);
    const produce = await ProduceProxy.start(`127.0.0.1:${kafka.port}`, ports.advertised);
    return new Door(ports, produce, { kafka, postgres: await LinkProxy.start(ports.postgres) });
  }

  /** Settings that make a process use this door and no other. */
  get environment(): Record<string, string> {
    return {
      MILLRACE_KAFKA_BROKERS: `127.0.0.1:${this.ports.advertised}`,
      MILLRACE_POSTGRES_URL: `postgres://millrace@127.0.0.1:${this.links.postgres.port}/postgres`,
    };
  }

  link(remote: Remote): LinkProxy {
    return this.links[remote];
  }

  /** Hurts the next produce request, once. */
  armProduce(fault: ProduceFault): void {
    this.produce.arm(fault);
  }

  /** Lets delayed produce requests go on to the broker, however late. */
  releaseProduce(): void {
    this.produce.release();
  }

  /** Everything passes again. */
  heal(): void {
    this.produce.release();
    for (const link of Object.values(this.links)) link.set('open');
  }

  async close(): Promise<void> {
    await this.produce.close();
    await Promise.all(Object.values(this.links).map((link) => link.close()));
  }
}
