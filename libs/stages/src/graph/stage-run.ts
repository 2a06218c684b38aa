import type { Json, UnitOutcome } from '#core';
import { CheckpointUnusable, type SourceBatch, type SourceOperator } from '#nodes';
import type { StageSpec } from '../stage-spec.js';
import { CheckpointPacer } from './checkpoint-pacer.js';
import { discardStage } from './discard-stage.js';
import { nodeErrorOf } from './node-error.js';
import { NodeTrouble, within } from './node-trouble.js';
import { type DoneCheckpoint, type RunningCheckpoint, readCheckpoint, type SourcePosition } from './stage-checkpoint.js';
import { StageGraph } from './stage-graph.js';
import type { StageHost } from './stage-host.js';
import type { StageNodeRun } from './stage-node-run.js';

/** The stage's input counts as one more source under a name that no node can have. */
const inputSource = '<input>';

/**
 * Runs one attempt of a stage to its end and says how it went; undefined when the dispatch was lost, and then nothing was
 * published. Never throws. Resumes from `spec.checkpoint` where that can be used, else starts over.
 */
export async function runStage(spec: StageSpec, host: StageHost): Promise<UnitOutcome | undefined> {
  try {
    return await resumeOrRestart(spec, host);
  } catch (error) {
    if (error instanceof DispatchLost) return undefined;
    const failed = failureOf(error);
    if (spec.lastAttempt || failed.error.retryable === false) await discardStage(spec, host.resolve, 'own');
    return failed;
  }
}

function failureOf(error: unknown): Extract<UnitOutcome, { readonly status: 'failed' }> {
  if (error instanceof NodeTrouble) return { status: 'failed', error: nodeErrorOf(error.trouble), failedNodeId: error.nodeId };
  return { status: 'failed', error: nodeErrorOf(error) };
}

async function resumeOrRestart(spec: StageSpec, host: StageHost): Promise<UnitOutcome> {
  if (spec.checkpoint === undefined) return new StageRun(spec, host).fromStart();
  try {
    const checkpoint = readCheckpoint(spec.checkpoint);
    const run = new StageRun(spec, host);
    return 'done' in checkpoint ? await run.onlyPublish(checkpoint) : await run.from(checkpoint);
  } catch (error) {
    if (!(error instanceof CheckpointUnusable)) throw error;
    host.log(spec.nodes[0]?.id ?? '', `the stage starts over: ${error.message}`);
    return new StageRun(spec, host).fromStart();
  }
}

/** The engine no longer owns this attempt. */
class DispatchLost extends Error {
  override readonly name = 'DispatchLost';
}

class StageRun {
  private readonly graph: StageGraph;
  private readonly pacer: CheckpointPacer;
  private readonly positions: Record<string, SourcePosition> = {};
  /** False while a source that cannot be resumed has begun and not ended. */
  private resumable = true;

  constructor(
    private readonly spec: StageSpec,
    private readonly host: StageHost,
  ) {
    this.graph = new StageGraph(spec, host);
    this.pacer = new CheckpointPacer(spec, host);
  }

  fromStart(): Promise<UnitOutcome> {
    return this.closing(() => this.process(undefined));
  }

  from(checkpoint: RunningCheckpoint): Promise<UnitOutcome> {
    Object.assign(this.positions, checkpoint.sources);
    return this.closing(() => this.process(checkpoint));
  }

  /** An earlier attempt wrote everything and had that confirmed. */
  onlyPublish(checkpoint: DoneCheckpoint): Promise<UnitOutcome> {
    return this.closing(() => this.publish(checkpoint));
  }

  private async process(checkpoint: RunningCheckpoint | undefined): Promise<UnitOutcome> {
    await this.graph.open(checkpoint);
    await this.readInput();
    for (const { run, operator } of this.graph.sources) await this.readSource(run, (cursor) => operator.read(cursor));
    await this.graph.finish();
    this.pacer.moved(0, this.graph.takeWritten());
    const seals = await this.graph.seal();
    const done: DoneCheckpoint = { version: 1, done: true, seals, results: this.graph.results() };
    // Published only after the completion is a fact: a zombie whose completion is not confirmed shows nothing (design §7).
    if (Object.values(seals).some((seal) => seal !== null)) this.mustHold(await this.pacer.last(done as unknown as Json));
    else this.mustHold(await this.pacer.settled());
    return this.publish(done);
  }

  private async publish({ seals, results }: DoneCheckpoint): Promise<UnitOutcome> {
    await this.graph.publish(seals);
    return { status: 'completed', nodes: results };
  }

  private async readInput(): Promise<void> {
    if (this.graph.entries.length === 0) return;
    const { input, limits } = this.spec;
    const position = this.positions[inputSource];
    const start = position === undefined ? 0 : 'ended' in position ? input.length : Number(position.cursor);
    for (let from = start; from < input.length; from += limits.batchRecords) {
      const records = input.slice(from, from + limits.batchRecords);
      for (const entry of this.graph.entries) await this.graph.accept(entry, records);
      this.positions[inputSource] = { cursor: from + records.length };
      await this.between(records.length);
    }
    this.positions[inputSource] = { ended: true };
  }

  private async readSource(run: StageNodeRun, read: SourceOperator['read']): Promise<void> {
    const position = this.positions[run.id];
    if (position !== undefined && 'ended' in position) return;
    const batches = await within(this.host, run.id, () => iteratorOf(read(position?.cursor)));
    for (;;) {
      const startedAt = this.host.now();
      const next = await within<IteratorResult<SourceBatch>>(this.host, run.id, () => batches.next());
      run.counts.durationMs += this.host.now() - startedAt;
      if (next.done === true) break;
      await this.throughBatch(run, next.value, startedAt);
    }
    this.positions[run.id] = { ended: true };
    this.resumable = true;
  }

  private async throughBatch(run: StageNodeRun, { records, cursor }: SourceBatch, startedAt: number): Promise<void> {
    await this.graph.emit(run, records);
    this.resumable = cursor !== undefined;
    if (cursor !== undefined) this.positions[run.id] = { cursor };
    this.pacer.batchTook(this.host.now() - startedAt);
    await this.between(records.length);
  }

  /** Between two batches the state is consistent: the place for a checkpoint. */
  private async between(recordsRead: number): Promise<void> {
    this.pacer.moved(recordsRead, this.graph.takeWritten());
    this.mustHold(await this.pacer.between(async () => (this.resumable ? this.checkpoint() : undefined)));
  }

  private async checkpoint(): Promise<Json | undefined> {
    const states = await this.graph.states();
    if (states === undefined) return undefined;
    const checkpoint: RunningCheckpoint = {
      version: 1,
      sources: { ...this.positions },
      states,
      collected: this.graph.collected(),
      counts: this.graph.counts(),
    };
    return checkpoint as unknown as Json;
  }

  private mustHold(answer: 'confirmed' | 'lost'): void {
    if (answer === 'lost' || this.host.signal.aborted) throw new DispatchLost('the attempt was handed to another owner');
  }

  private async closing(work: () => Promise<UnitOutcome>): Promise<UnitOutcome> {
    try {
      return await work();
    } finally {
      await this.graph.close();
    }
  }
}

function iteratorOf(batches: Iterable<SourceBatch> | AsyncIterable<SourceBatch>): Iterator<SourceBatch> | AsyncIterator<SourceBatch> {
  return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
}
