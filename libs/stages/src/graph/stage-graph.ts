import type { Json, NodeResult } from '#core';
import { type Batch, NodeFailure, type SealedSink, type SinkOperator, type SourceOperator, type TransformOperator } from '#nodes';
import type { StageSpec } from '../stage-spec.js';
import { nodeResultOf } from './node-counts.js';
import { NodeTrouble, within } from './node-trouble.js';
import { OutputCollector } from './output-collector.js';
import type { RunningCheckpoint } from './stage-checkpoint.js';
import type { StageHost } from './stage-host.js';
import { StageNodeRun } from './stage-node-run.js';

interface Running<Operator> {
  readonly run: StageNodeRun;
  readonly operator: Operator;
}

/** The operators of a stage and the edges between them. A batch is pushed all the way through before the next one is read. */
export class StageGraph {
  readonly sources: Running<SourceOperator>[] = [];
  /** Nodes that are fed with the stage's input. */
  readonly entries: StageNodeRun[] = [];
  private readonly runs = new Map<string, StageNodeRun>();
  private readonly transforms = new Map<string, Running<TransformOperator>>();
  private readonly sinks = new Map<string, Running<SinkOperator>>();
  private readonly collectors = new Map<string, OutputCollector>();
  private readonly outputs = new Map<string, Json>();
  private written = 0;

  constructor(
    spec: StageSpec,
    private readonly host: StageHost,
  ) {
    for (const node of spec.nodes) this.runs.set(node.id, new StageNodeRun(node, spec, host));
    for (const { source, target } of spec.edges) this.runOf(source).targets.push(this.runOf(target));
    const fed = new Set(spec.edges.map(({ target }) => target));
    for (const run of this.runs.values()) {
      within(this.host, run.id, () => this.createOperator(run));
      if (run.node.kind !== 'source' && !fed.has(run.id)) this.entries.push(run);
      if (run.node.kind !== 'sink' && (run.targets.length === 0 || spec.leaving.includes(run.id))) {
        this.collectors.set(run.id, new OutputCollector(spec.leaving.includes(run.id), spec.limits.maxOutputBytes));
      }
    }
  }

  /** Brings every operator into the state of a checkpoint; without one, to its start. Throws CheckpointUnusable. */
  async open(checkpoint: RunningCheckpoint | undefined): Promise<void> {
    for (const run of this.runs.values()) run.counts = { ...(checkpoint?.counts[run.id] ?? run.counts) };
    for (const [id, { operator }] of this.transforms) {
      const state = checkpoint?.states[id];
      if (state !== undefined) await within(this.host, id, () => operator.restore?.(state));
    }
    for (const [id, collector] of this.collectors) collector.restore(checkpoint?.collected[id] ?? []);
    for (const [id, { operator }] of this.sinks) await within(this.host, id, () => operator.open(checkpoint?.states[id]));
  }

  /** Takes a batch that `run` has made through everything behind it. */
  async emit(run: StageNodeRun, batch: Batch): Promise<void> {
    if (batch.length === 0) return;
    run.counts.recordsOut += batch.length;
    await within(this.host, run.id, () => this.collectors.get(run.id)?.add(batch));
    for (const target of run.targets) await this.accept(target, batch);
  }

  /** Gives a batch to a node. */
  async accept(run: StageNodeRun, batch: Batch): Promise<void> {
    run.received(batch.length);
    const sink = this.sinks.get(run.id);
    if (sink !== undefined) {
      await timed(this.host, run, () => sink.operator.write(batch));
      this.written += batch.length;
      await this.emit(run, run.targets.length === 0 ? [] : batch); // a sink in the middle hands on what it wrote
      return;
    }
    const transform = this.transforms.get(run.id);
    if (transform !== undefined) await this.emit(run, await timed(this.host, run, () => transform.operator.process(batch)));
  }

  /** After the last batch: what transforms still hold flows on, upstream first. */
  async finish(): Promise<void> {
    for (const { run, operator } of this.transforms.values()) {
      const rest = operator.finish?.();
      if (rest === undefined) continue;
      const batches = Symbol.asyncIterator in rest ? rest[Symbol.asyncIterator]() : rest[Symbol.iterator]();
      for (;;) {
        const next = await timed<IteratorResult<Batch>>(this.host, run, () => batches.next());
        if (next.done === true) break;
        await this.emit(run, next.value);
      }
    }
  }

  /** States and positions of all operators, durable; undefined when one of them cannot be resumed. */
  async states(): Promise<Record<string, Json> | undefined> {
    const states: Record<string, Json> = {};
    for (const [id, { operator }] of this.transforms) {
      if (operator.state === undefined) continue;
      const state = await within(this.host, id, () => operator.state?.());
      if (state === undefined) return undefined;
      states[id] = state;
    }
    for (const [id, { operator }] of this.sinks) {
      const position = await within(this.host, id, () => operator.checkpoint());
      if (position === undefined) return undefined;
      states[id] = position;
    }
    return states;
  }

  /** Records that sinks took since this was last asked. */
  takeWritten(): number {
    const { written } = this;
    this.written = 0;
    return written;
  }

  collected(): Record<string, readonly Json[] | null> {
    return Object.fromEntries([...this.collectors].map(([id, collector]) => [id, collector.state()]));
  }

  counts(): RunningCheckpoint['counts'] {
    return Object.fromEntries([...this.runs.values()].map((run) => [run.id, { ...run.counts }]));
  }

  /** Makes all that sinks wrote durable; the seals are what publishing needs. */
  async seal(): Promise<Record<string, Json>> {
    const seals: Record<string, Json> = {};
    for (const [id, { run, operator }] of this.sinks) {
      const sealed = await timed<SealedSink>(this.host, run, () => operator.seal());
      if (sealed.output !== undefined) this.outputs.set(id, sealed.output);
      seals[id] = sealed.seal;
    }
    for (const run of this.runs.values()) run.reportSkipped();
    return seals;
  }

  async publish(seals: Readonly<Record<string, Json>>): Promise<void> {
    for (const [id, { operator }] of this.sinks) await within(this.host, id, () => operator.publish(seals[id] ?? null));
  }

  results(): Record<string, NodeResult> {
    return Object.fromEntries([...this.runs.values()].map((run) => [run.id, nodeResultOf(run.counts, this.outputOf(run.id))]));
  }

  /** Closes every operator, whatever happened before. */
  async close(): Promise<void> {
    const operators = [...this.sources, ...this.transforms.values(), ...this.sinks.values()].map(({ operator }) => operator);
    await Promise.allSettled(operators.map(async (operator) => operator.close?.()));
  }

  private outputOf(id: string): Json | undefined {
    return this.outputs.get(id) ?? this.collectors.get(id)?.output();
  }

  private createOperator(run: StageNodeRun): void {
    const implementation = run.implementation();
    const context = run.context();
    if (implementation.kind === 'source') this.sources.push({ run, operator: implementation.create(context) });
    else if (implementation.kind === 'transform') this.transforms.set(run.id, { run, operator: implementation.create(context) });
    else this.sinks.set(run.id, { run, operator: implementation.create(context) });
  }

  private runOf(id: string): StageNodeRun {
    const run = this.runs.get(id);
    if (run === undefined)
      throw new NodeTrouble(id, new NodeFailure('STAGE_INVALID', `an edge names the node ${id}, which is not in the stage`));
    return run;
  }
}

/** Runs a piece of a node's work on its account. */
async function timed<Result>(host: StageHost, run: StageNodeRun, work: () => Result | Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  try {
    return await within(host, run.id, work);
  } finally {
    run.counts.durationMs += performance.now() - startedAt;
  }
}
