import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ProjectorRun } from './projector-run.js';
import { RUN } from './tokens.js';

/** Ties the projector to Nest's start and stop. */
@Injectable()
export class ProjectorLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(@Inject(RUN) private readonly run: ProjectorRun) {}

  onApplicationBootstrap(): void {
    this.run.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.run.stop();
  }
}
