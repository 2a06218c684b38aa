import { createRequire } from 'node:module';
import { quietRequestQueues } from './quiet-request-queue.js';

/** An API request as kafkajs frames and sends it: `encode` makes the body, `decode` gets the body of the answer. */
export interface WireRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: { readonly decode: (body: Buffer) => Promise<T>; readonly parse: (decoded: T) => Promise<T> };
  readonly logResponseError?: boolean;
}

interface Connection {
  readonly socket?: { destroy(): void };
  rejectRequests(error: Error): void;
  disconnect(): Promise<boolean>;
}

interface ConnectionPool {
  readonly pool: readonly Connection[];
  send<T>(request: WireRequest<T>): Promise<T>;
}

interface JoinedGroup {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

/** A group as its coordinator describes it; metadata and assignments are empty while it rebalances. */
export interface DescribedGroup {
  readonly state: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly clientId: string;
    readonly clientHost: string;
    readonly memberMetadata: Buffer;
    readonly memberAssignment: Buffer;
  }[];
}

interface MemberOfGroup {
  readonly groupId: string;
  readonly memberId: string;
}

/** What is used of kafkajs's broker. Its group requests reject with errors whose `type` names Kafka's error code. */
export interface Broker {
  readonly connectionPool: ConnectionPool;
  isConnected(): boolean;
  connect(): Promise<void>;
  findGroupCoordinator(request: { groupId: string; coordinatorType: 0 }): Promise<{ coordinator: { nodeId: number } }>;
  joinGroup(
    request: MemberOfGroup & {
      sessionTimeout: number;
      rebalanceTimeout: number;
      groupProtocols: readonly { name: string; metadata: Buffer }[];
    },
  ): Promise<JoinedGroup>;
  syncGroup(
    request: MemberOfGroup & { generationId: number; groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[] },
  ): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: MemberOfGroup & { groupGenerationId: number }): Promise<unknown>;
  leaveGroup(request: MemberOfGroup): Promise<unknown>;
  offsetCommit(
    request: MemberOfGroup & {
      groupGenerationId: number;
      topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
    },
  ): Promise<unknown>;
  describeGroups(request: { groupIds: readonly string[] }): Promise<{ groups: readonly DescribedGroup[] }>;
}

interface BrokerOptions {
  readonly connectionPool: ConnectionPool;
  readonly logger: unknown;
  readonly nodeId: number | null;
}

interface PoolBuilder {
  build(address: { host: string; port: number; rack: string | null }): Promise<ConnectionPool>;
}

const require = createRequire(import.meta.url);

quietRequestQueues();

/** The two inner classes of kafkajs that the thin client stands on: sockets, framing, TLS and SASL. The package is frozen and pinned exactly. */
export const KafkajsBroker: new (options: BrokerOptions) => Broker = require('kafkajs/src/broker/index.js');
export const buildConnectionPools: (options: object) => PoolBuilder = require('kafkajs/src/cluster/connectionPoolBuilder.js');
