export { endOnUncaught } from './last-resort.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export {
  createRegistry,
  type EngineMetrics,
  engineMetrics,
  type GatewayMetrics,
  gatewayMetrics,
  type ProjectorMetrics,
  projectorMetrics,
} from './metrics.js';
export { NestLogger } from './nest-logger.js';
export { ObservabilityModule } from './observability.module.js';
export { Readiness } from './readiness.js';
export { LOGGER, READINESS, REGISTRY } from './tokens.js';
export { type Dependency, type Waiting, waitFor } from './wait-for.js';
