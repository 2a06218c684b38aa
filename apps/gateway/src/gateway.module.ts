import { type DynamicModule, Module } from '@nestjs/common';
import { ObservabilityModule } from '#observability';
import { ClusterController } from './cluster/cluster.controller.js';
import { HaltsController } from './cluster/halts.controller.js';
import { CommandsController } from './commands/commands.controller.js';
import { ExecutionCommands } from './executions/execution-commands.js';
import { ExecutionRecordsController } from './executions/execution-records.controller.js';
import { ExecutionsController } from './executions/executions.controller.js';
import { HistoryController } from './executions/history.controller.js';
import { ExecutionSearchController } from './executions/search.controller.js';
import type { GatewayParts } from './gateway-parts.js';
import { VersionController } from './health/version.controller.js';
import { DocsController } from './openapi/docs.controller.js';
import { openApiDocument } from './openapi/document.js';
import * as tokens from './tokens.js';
import { VersionsController } from './workflows/versions.controller.js';
import { WorkflowCommands } from './workflows/workflow-commands.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

const controllers = [
  WorkflowsController,
  VersionsController,
  ExecutionsController,
  ExecutionRecordsController,
  ExecutionSearchController,
  HistoryController,
  CommandsController,
  ClusterController,
  HaltsController,
  VersionController,
  DocsController,
];

/** Wires controllers to the parts. */
@Module({})
export class GatewayModule {
  static with(parts: GatewayParts): DynamicModule {
    const { logger, registry, readiness } = parts;
    return {
      module: GatewayModule,
      imports: [ObservabilityModule.with({ logger, registry, readiness })],
      controllers,
      providers: [
        { provide: tokens.COMMANDS, useValue: parts.commands },
        { provide: tokens.OWNERS, useValue: parts.owners },
        { provide: tokens.READS, useValue: parts.reads },
        { provide: tokens.READ_MODEL, useValue: parts.readModel },
        { provide: tokens.EXECUTION_LOGS, useValue: parts.executionLogs },
        { provide: tokens.DIRECTORY, useValue: parts.directory },
        { provide: tokens.CLUSTER, useValue: parts.cluster },
        { provide: tokens.HALTS, useValue: parts.halts },
        { provide: tokens.CHECKER, useValue: parts.checker },
        { provide: tokens.NODE_TYPES, useValue: parts.nodeTypes },
        { provide: tokens.IDENTITY, useValue: parts.identity },
        { provide: tokens.VERSION, useValue: parts.version },
        { provide: tokens.WORKFLOW_COMMANDS, useFactory: () => new WorkflowCommands(parts.commands, parts.reads) },
        { provide: tokens.EXECUTION_COMMANDS, useFactory: () => new ExecutionCommands(parts.commands, parts.owners) },
        { provide: tokens.API_DOCUMENT, useFactory: () => openApiDocument(parts.version) },
      ],
    };
  }
}
