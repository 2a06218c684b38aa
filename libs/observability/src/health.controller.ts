import { Controller, Get, Inject } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService, type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { Readiness } from './readiness.js';
import { READINESS } from './tokens.js';

/** `/health`, `/health/live`, `/health/ready`: the same on every app. Not ready answers 503 and names what is awaited. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly checks: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(READINESS) private readonly readiness: Readiness,
  ) {}

  @Get()
  health(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.#ready()]);
  }

  @Get('live')
  live(): Promise<HealthCheckResult> {
    return this.checks.check([]);
  }

  @Get('ready')
  readyNow(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.#ready()]);
  }

  #ready(): HealthIndicatorResult {
    const check = this.indicators.check('ready');
    return this.readiness.ready ? check.up() : check.down({ waitingFor: this.readiness.waiting() });
  }
}
