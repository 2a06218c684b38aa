import { type DynamicModule, Module } from '@nestjs/common';
import { type Logger, ObservabilityModule, type Readiness } from '#observability';
import { ProjectorLifecycle } from './projector-lifecycle.js';
import type { ProjectorRun } from './projector-run.js';
import { RUN } from './tokens.js';

export interface ProjectorParts {
  readonly logger: Logger;
  readonly registry: Parameters<typeof ObservabilityModule.with>[0]['registry'];
  readonly readiness: Readiness;
  readonly run: ProjectorRun;
}

/** The admin port (health, metrics), and the projector beside it: begins once the port listens, ends before it closes. */
@Module({})
export class ProjectorModule {
  static with(parts: ProjectorParts): DynamicModule {
    return {
      module: ProjectorModule,
      imports: [ObservabilityModule.with(parts)],
      providers: [{ provide: RUN, useValue: parts.run }, ProjectorLifecycle],
    };
  }
}
