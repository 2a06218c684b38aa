import type { Registry } from 'prom-client';
import type { JsonObject } from '#core';
import type { GatewayMetrics, Logger, Readiness } from '#observability';
import type { ReadModel } from '#projection';
import type { ClusterView } from './cluster/cluster-view.js';
import type { Halts } from './cluster/halts.js';
import type { ClusterIdentity } from './cluster/stats.js';
import type { CommandGateway } from './commands/command-gateway.js';
import type { EntityReads } from './owners/entity-reads.js';
import type { OwnerClient } from './owners/owner-client.js';
import type { DefinitionChecker } from './ports/definition-checker.js';
import type { ExecutionLogs } from './ports/execution-logs.js';
import type { OwnerDirectory } from './ports/owner-directory.js';

/** Everything the HTTP side is given; built by main.ts on real adapters, by specs on fakes. */
export interface GatewayParts {
  readonly commands: CommandGateway;
  readonly owners: OwnerClient;
  readonly reads: EntityReads;
  readonly readModel: ReadModel;
  readonly executionLogs: ExecutionLogs;
  readonly directory: OwnerDirectory;
  readonly cluster: ClusterView;
  readonly halts: Halts;
  readonly checker: DefinitionChecker;
  /** The body of `node-types`. */
  readonly nodeTypes: JsonObject;
  readonly identity: ClusterIdentity;
  readonly version: string;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly metrics: GatewayMetrics;
  readonly readiness: Readiness;
  readonly bodyLimitBytes: number;
}
