import type { Json } from '#core';
import { expressionCompiler } from '#expressions';
import { type DataNode, type NodeContext, NodeFailure, type RecordRejection } from '#nodes';
import type { StageNode, StageSpec } from '../stage-spec.js';
import { type NodeCounts, noCounts } from './node-counts.js';
import type { StageHost } from './stage-host.js';

const skipsLogged = 10;
const maxShownRecord = 500;

/** One node of a running stage: its context, its counts, and who it passes records to. */
export class StageNodeRun {
  counts: NodeCounts = noCounts();
  readonly targets: StageNodeRun[] = [];
  /** Records before the batch at hand: what a rejection's index is relative to. */
  private recordsBefore = 0;

  constructor(
    readonly node: StageNode,
    private readonly spec: StageSpec,
    private readonly host: StageHost,
  ) {}

  get id(): string {
    return this.node.id;
  }

  /** Notes that a batch has come in. */
  received(records: number): void {
    this.recordsBefore = this.counts.recordsIn;
    this.counts.recordsIn += records;
  }

  /** The implementation of this node's type in its role. */
  implementation(): DataNode {
    const { nodeType, kind, onRecordError } = this.node;
    if (onRecordError === 'deadLetter') throw this.unsupported('`onRecordError: deadLetter` is not available yet; use `fail` or `skip`');
    const known = kind === 'source' || kind === 'transform' || kind === 'sink' ? this.host.resolve(nodeType, kind) : undefined;
    if (known === undefined) throw this.unsupported(`there is no ${kind} of type \`${nodeType}\` in this engine`);
    return known;
  }

  context(): NodeContext {
    const { executionId, workflowId, attempt, epoch, scope, filesRoot, limits } = this.spec;
    const { id: nodeId, config } = this.node;
    return {
      ...{ executionId, workflowId, attempt, epoch, scope, filesRoot, limits, nodeId, config },
      signal: this.host.signal,
      compile: (text) => this.compile(text),
      log: (text) => this.host.log(nodeId, text),
      rejectRecord: (rejection) => this.reject(rejection),
    };
  }

  /** One line about the records that were skipped beyond those that were logged. */
  reportSkipped(): void {
    const { skipped } = this.counts;
    if (skipped > skipsLogged) this.host.log(this.id, `${skipped} records were skipped in all`);
  }

  private compile(text: string): ReturnType<NodeContext['compile']> {
    const compiled = expressionCompiler.compile(text);
    if (compiled.ok) return compiled.expression;
    throw new NodeFailure('EXPRESSION_INVALID', `\`${text}\`: ${compiled.message}`, { retryable: false });
  }

  private reject({ index, message, record }: RecordRejection): void {
    const position = this.recordsBefore + index + 1;
    if (this.node.onRecordError === 'skip') {
      this.counts.skipped += 1;
      if (this.counts.skipped <= skipsLogged) this.host.log(this.id, `record ${position} skipped: ${message}`);
      return;
    }
    const details = { position, ...(record === undefined ? {} : { record: shown(record) }) };
    throw new NodeFailure('RECORD_FAILED', `record ${position}: ${message}`, { retryable: false, details });
  }

  private unsupported(message: string): NodeFailure {
    return new NodeFailure('NOT_SUPPORTED', message, { retryable: false });
  }
}

function shown(record: Json): Json {
  const text = JSON.stringify(record);
  return text.length <= maxShownRecord ? record : `${text.slice(0, maxShownRecord)}…`;
}
