import { type DynamicModule, Module } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { type Logger, ObservabilityModule, type Readiness } from '#observability';
import { ENGINE, type Engine } from './engine.js';
import { QueryController } from './query.controller.js';

/** Wires the engine port, health and metrics around a running engine. */
@Module({})
export class EngineModule {
  static with(parts: { logger: Logger; registry: Registry; readiness: Readiness; engine: Engine }): DynamicModule {
    return {
      module: EngineModule,
      imports: [ObservabilityModule.with(parts)],
      controllers: [QueryController],
      providers: [{ provide: ENGINE, useValue: parts.engine }],
    };
  }
}
