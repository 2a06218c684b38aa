import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const quick = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const long = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800, 3_600];

/** One registry per process. No label ever holds an id of a user's (contract §6). */
export function createRegistry(): Registry {
  const registry = new Registry();
  // Its default of 10 ms wakes an idle process 100 times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  return registry;
}

/** Metrics of an engine. Names and labels are the contract's; durations are seconds. */
export function engineMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) => new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) => new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  return {
    entityCount: gauge('workflow_entity_count', 'Workflows and executions in memory', ['partition']),
    uncovered: gauge('workflow_uncovered_records', 'Records that a new owner would have to read', ['partition']),
    stalled: gauge('workflow_stalled_seconds', 'For how long something has waited with nothing getting on', ['partition']),
    commandAge: histogram('workflow_command_to_event_seconds', 'From the write of a command to its confirmed decision', [], quick),
    partitionLag: gauge('workflow_partition_lag', 'Commands not yet decided', ['partition']),
    shardCount: gauge('shard_count', 'Owned partitions by state', ['state']),
    memberCount: gauge('cluster_member_count', 'Engines of the group, this one included, by what this one sees of them', ['status']),
    quarantined: gauge('workflow_quarantined_entities', 'Entities that V2 has quarantined', []),
    created: counter('workflow_created_total', 'Workflows created', []),
    executions: counter('workflow_execution_total', 'Executions ended', ['status']),
    executionDuration: histogram('workflow_execution_duration_seconds', 'From start to end of an execution', ['status'], long),
    appendDuration: histogram('workflow_append_duration_seconds', 'One append, from send to confirmation', [], quick),
    appendBatchSize: histogram('workflow_append_batch_size', 'Records in one append', [], [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]),
    recoveryDuration: histogram('workflow_recovery_duration_seconds', 'From gaining a partition to serving it', [], quick),
    fenced: counter('workflow_fenced_total', 'Fences appended', ['reason']),
    inDoubt: counter('workflow_in_doubt_total', 'Appends whose fate was unknown', ['reason']),
    snapshots: counter('workflow_snapshot_total', 'Entity snapshots written', []),
    snapshotFailures: counter('workflow_snapshot_failures_total', 'Snapshot statements that failed', []),
    rebalances: counter('workflow_rebalance_total', 'Rebalances that this engine has been through', ['reason']),
    rebalanceDuration: histogram(
      'workflow_rebalance_duration_seconds',
      'From the first try to join to the last gained partition that serves',
      [],
      quick,
    ),
    loopBlocked: counter('workflow_loop_blocked_seconds_total', 'Time in which tasks on the loop let nobody else run', [
      'node_type',
      'certain',
    ]),
    stageRecords: counter('stage_records_total', 'Records that sources brought and sinks took', ['direction']),
    stageBatchDuration: histogram('stage_batch_duration_seconds', 'One batch, all the way through its stage', [], quick),
    failovers: counter('workflow_failover_total', 'Partitions taken over from an owner that died', ['reason']),
    failoverDuration: histogram(
      'workflow_failover_duration_seconds',
      'From hearing of the death of an owner to serving its partition',
      [],
      quick,
    ),
  };
}
export type EngineMetrics = ReturnType<typeof engineMetrics>;

/** Metrics of a gateway; `path` is the route's template. */
export function gatewayMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({ name: 'http_requests_total', help: 'Requests answered', labelNames: ['method', 'path', 'status'], registers }),
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'From request to response',
      labelNames: ['method', 'path'],
      buckets: quick,
      registers,
    }),
    routingLatency: new Histogram({
      name: 'workflow_routing_latency_seconds',
      help: 'From accepting a command to its reply',
      labelNames: ['operation'],
      buckets: quick,
      registers,
    }),
  };
}
export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;

/** Metrics of a projector. */
export function projectorMetrics(registry: Registry) {
  const registers = [registry];
  return {
    lag: new Gauge({ name: 'workflow_projection_lag_seconds', help: 'Age of the oldest event that is not in the read model', registers }),
    oldestWaiting: new Gauge({
      name: 'workflow_oldest_waiting_seconds',
      help: 'For how long the execution has waited that has waited longest, by what it waits for',
      labelNames: ['kind'],
      registers,
    }),
    events: new Counter({ name: 'workflow_projection_events_total', help: 'Events projected', registers }),
    batchDuration: new Histogram({
      name: 'workflow_projection_batch_duration_seconds',
      help: 'One transaction of the read model',
      buckets: quick,
      registers,
    }),
  };
}
export type ProjectorMetrics = ReturnType<typeof projectorMetrics>;
