import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { Registry } from 'prom-client';
import { HealthController } from './health.controller.js';
import type { Logger } from './logger.js';
import { MetricsController } from './metrics.controller.js';
import type { Readiness } from './readiness.js';
import { LOGGER, READINESS, REGISTRY } from './tokens.js';

/** Health and metrics endpoints, and the logger, for every app. Provides LOGGER, REGISTRY and READINESS globally. */
@Module({})
export class ObservabilityModule {
  static with(parts: { logger: Logger; registry: Registry; readiness: Readiness }): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: LOGGER, useValue: parts.logger },
        { provide: REGISTRY, useValue: parts.registry },
        { provide: READINESS, useValue: parts.readiness },
      ],
      exports: [LOGGER, REGISTRY, READINESS],
    };
  }
}
