import { TransientError } from '#runtime';
import type { KafkaSettings } from '../settings.js';
import { type Broker, buildConnectionPools, KafkajsBroker, type WireRequest } from './kafkajs-internals.js';
import { type ClusterMetadata, metadataRequest } from './requests.js';
import { defaultSocketFactory } from './socket-factory.js';
import { within } from './within.js';

const requestTimeoutMs = 4_000;
const defaultConnectTimeoutMs = 2_000;
const authenticationTimeoutMs = 5_000;

export interface WireOptions {
  readonly settings: KafkaSettings;
  /** kafkajs's logger. */
  readonly logger: unknown;
  /** Longest wait for one answer, ms, before kafkajs gives the request up. */
  readonly requestTimeoutMs?: number;
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/**
 * Own connections to the brokers, one set per kind of traffic, and who leads which partition. Every call is bounded in time.
 * Nothing is retried or sent twice here; a broker that fails is dropped with its sockets and reached anew by the next call.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #pools: ReturnType<typeof buildConnectionPools>;
  readonly #brokers = new Map<number, Broker>();
  readonly #opening = new Map<number, Promise<Broker>>();
  readonly #addresses = new Map<number, Address>();
  readonly #topics = new Set<string>();
  readonly #leaders = new Map<string, ReadonlyMap<number, number>>();
  readonly #errors = new Map<string, number>();
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor(options: WireOptions) {
    this.#options = options;
    const { settings } = options;
    this.#pools = buildConnectionPools({
      logger: options.logger,
      socketFactory: settings.socketFactory ?? defaultSocketFactory,
      brokers: [...settings.brokers],
      ssl: settings.ssl ? {} : null,
      sasl: settings.sasl ?? null,
      clientId: settings.clientId,
      requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
      connectionTimeout: settings.connectTimeoutMs ?? defaultConnectTimeoutMs,
      enforceRequestTimeout: true,
    });
  }

  /** Topics whose leaders this wire follows. Takes effect with the next `refresh`. */
  follow(topic: string): void {
    this.#topics.add(topic);
  }

  unfollow(topic: string): void {
    this.#topics.delete(topic);
    this.#leaders.delete(topic);
    this.#errors.delete(topic);
  }

  /** The leader's node id; undefined = none known now. */
  leaderOf(topic: string, partition: number): number | undefined {
    const leader = this.#leaders.get(topic)?.get(partition);
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  /** Partitions of a followed topic as last seen; 0 = unknown. */
  partitionsOf(topic: string): number {
    return this.#leaders.get(topic)?.size ?? 0;
  }

  /** Kafka's error code for a followed topic in the last answer; 0 = none. */
  errorOf(topic: string): number {
    return this.#errors.get(topic) ?? 0;
  }

  /** Asks for leaders anew; calls meanwhile share the answer. Rejects with TransientError when no broker answers. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Sends one request, once. Whatever goes wrong, the caller decides whether to `drop` the broker. */
  async send<T>(nodeId: number, request: WireRequest<T>): Promise<T> {
    const broker = this.#brokers.get(nodeId);
    const ready = broker?.isConnected() ? broker : await this.broker(nodeId);
    return ready.connectionPool.send(request);
  }

  /** A connected broker. Rejects with TransientError. */
  broker(nodeId: number): Promise<Broker> {
    const known = this.#brokers.get(nodeId);
    if (known?.isConnected()) return Promise.resolve(known);
    const opening = this.#opening.get(nodeId);
    if (opening) return opening;
    const opened = this.#reopen(nodeId).finally(() => this.#opening.delete(nodeId));
    this.#opening.set(nodeId, opened);
    return opened;
  }

  /** The group's coordinator. Rejects with TransientError or kafkajs's typed error. */
  async coordinator(groupId: string): Promise<{ nodeId: number; broker: Broker }> {
    if (this.#addresses.size === 0) await this.refresh();
    let last: unknown = new TransientError('no broker is known');
    for (const nodeId of this.#addresses.keys()) {
      try {
        const { coordinator } = await (await this.broker(nodeId)).findGroupCoordinator({ groupId, coordinatorType: 0 });
        if (!this.#addresses.has(coordinator.nodeId)) await this.refresh();
        return { nodeId: coordinator.nodeId, broker: await this.broker(coordinator.nodeId) };
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  /** Cuts all connections to a broker: kafkajs never resets a half-read answer, and a half-open socket would swallow the next request. */
  drop(nodeId: number): void {
    const broker = this.#brokers.get(nodeId);
    this.#brokers.delete(nodeId);
    if (broker) cut(broker);
  }

  /** Cuts everything; requests under way reject. */
  close(): void {
    this.#closed = true;
    for (const nodeId of [...this.#brokers.keys()]) this.drop(nodeId);
  }

  async #reopen(nodeId: number): Promise<Broker> {
    if (this.#closed) throw new TransientError('the connection is closed');
    const address = this.#addresses.get(nodeId);
    if (!address) throw new TransientError(`broker ${nodeId} is not known`);
    this.drop(nodeId);
    const broker = await this.#open(address, nodeId);
    if (this.#closed) cut(broker);
    else this.#brokers.set(nodeId, broker);
    return broker;
  }

  async #open(address: Address, nodeId: number | null): Promise<Broker> {
    const connectionPool = await this.#pools.build(address);
    const broker = new KafkajsBroker({ connectionPool, logger: this.#options.logger, nodeId });
    try {
      await within(broker.connect(), this.#connectBoundMs(), `connecting to ${address.host}:${address.port}`);
      return broker;
    } catch (error) {
      cut(broker);
      throw new TransientError(`cannot reach ${address.host}:${address.port}: ${String(error)}`, { cause: error });
    }
  }

  #connectBoundMs(): number {
    const connect = this.#options.settings.connectTimeoutMs ?? defaultConnectTimeoutMs;
    return connect + (this.#options.settings.sasl ? authenticationTimeoutMs : connect);
  }

  async #load(): Promise<void> {
    const failures: string[] = [];
    for (const nodeId of [...this.#addresses.keys()]) {
      if (await this.#learned(() => this.broker(nodeId), failures)) return;
      this.drop(nodeId);
    }
    for (const text of this.#options.settings.brokers) {
      const colon = text.lastIndexOf(':');
      const address = { host: text.slice(0, colon), port: Number(text.slice(colon + 1)), rack: null };
      let seed: Broker | undefined;
      const open = async () => (seed = await this.#open(address, null));
      const learned = await this.#learned(open, failures);
      if (seed) cut(seed);
      if (learned) return;
    }
    throw new TransientError(`no broker answers: ${failures.join('; ')}`);
  }

  async #learned(open: () => Promise<Broker>, failures: string[]): Promise<boolean> {
    try {
      const broker = await open();
      const request = metadataRequest([...this.#topics]);
      this.#learn(await within(broker.connectionPool.send(request), requestTimeoutMs, 'the metadata request'));
      return true;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #learn(metadata: ClusterMetadata): void {
    if (metadata.brokers.length > 0) this.#learnBrokers(metadata);
    for (const { topic, errorCode, leaders } of metadata.topics) {
      this.#errors.set(topic, errorCode);
      if (errorCode === 0) this.#leaders.set(topic, leaders);
      else this.#leaders.delete(topic);
    }
  }

  #learnBrokers(metadata: ClusterMetadata): void {
    const alive = new Set(metadata.brokers.map((broker) => broker.nodeId));
    for (const nodeId of [...this.#addresses.keys()]) {
      if (alive.has(nodeId)) continue;
      this.#addresses.delete(nodeId);
      this.drop(nodeId);
    }
    for (const { nodeId, host, port, rack } of metadata.brokers) {
      const known = this.#addresses.get(nodeId);
      if (known && (known.host !== host || known.port !== port)) this.drop(nodeId);
      this.#addresses.set(nodeId, { host, port, rack });
    }
  }
}

function cut(broker: Broker): void {
  for (const connection of broker.connectionPool.pool) {
    connection.rejectRequests(new TransientError('the connection was cut'));
    connection.socket?.destroy();
    void connection.disconnect(); // nothing is pending any more: it only clears its timers
  }
}
