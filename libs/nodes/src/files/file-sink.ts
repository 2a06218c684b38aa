import { statSync } from 'node:fs';
import type { Json } from '#core';
import { textSetting } from '../api/config-values.js';
import type { DiscardedEpochs } from '../api/data-node.js';
import { CheckpointUnusable, NodeFailure } from '../api/failures.js';
import type { NodeContext, SinkAttempt } from '../api/node-context.js';
import type { Batch, SinkOperator } from '../api/operators.js';
import { isRecord } from '../api/record-fields.js';
import { resolveForWriting } from './files-root.js';
import { PartFile } from './part-file.js';
import { isPublished, publishFile, readSeal, removePart, removePartsOf } from './publish-file.js';

export interface EncodedBatch {
  readonly text: string;
  /** Records in the text: those that were not rejected. */
  readonly records: number;
}

/** How records become the text of a file. */
export interface FileFormat {
  encode(batch: Batch): EncodedBatch;
  /** What a resuming attempt must know, e.g. the columns of the header. */
  state(): Json;
  restore(state: Json): void;
}

export interface FileSinkOptions {
  readonly format: FileFormat;
  readonly encoding?: BufferEncoding;
  /** Writes after what the target already holds. */
  readonly append?: boolean;
}

/**
 * A sink of `config.path` that is exactly once: records go to a part file of this owner, and the target shows them all at
 * once, after the completion is confirmed. Its output is `{path, records, bytes}`.
 */
export function createFileSink(context: NodeContext, options: FileSinkOptions): SinkOperator {
  return new FileSink(context, options);
}

/** Removes the part file of an attempt that will not be published, or those that all owners of the execution have left. */
export async function discardFileSink(attempt: SinkAttempt, epochs: DiscardedEpochs): Promise<void> {
  const target = await resolveForWriting(attempt.filesRoot, textSetting(attempt.config, 'path'));
  if (epochs === 'every') removePartsOf(target, attempt);
  else removePart(target, attempt);
}

class FileSink implements SinkOperator {
  private readonly path: string;
  private part: PartFile | undefined;
  private target = '';
  /** State of the file that is appended to; empty when there was none. */
  private base = '';
  private records = 0;

  constructor(
    private readonly context: NodeContext,
    private readonly options: FileSinkOptions,
  ) {
    this.path = textSetting(context.config, 'path');
  }

  async open(checkpoint: Json | undefined): Promise<void> {
    this.target = await resolveForWriting(this.context.filesRoot, this.path);
    const part = new PartFile(this.target, this.context, this.options.encoding);
    this.part = part;
    if (checkpoint === undefined) {
      this.base = stateOf(this.target);
      part.begin(this.options.append === true ? this.target : undefined);
    } else {
      this.restore(checkpoint, part);
    }
  }

  write(batch: Batch): void {
    const { text, records } = this.options.format.encode(batch);
    this.opened().write(text);
    this.records += records;
  }

  async checkpoint(): Promise<Json> {
    const { part, bytes } = this.opened().checkpoint();
    return { part, bytes, base: this.base, records: this.records, format: this.options.format.state() };
  }

  async seal(): Promise<{ output: Json; seal: Json }> {
    const { part, bytes, inode } = this.opened().seal();
    return { output: { path: this.path, records: this.records, bytes }, seal: { part, bytes, inode, base: this.base } };
  }

  async publish(seal: Json): Promise<void> {
    const target = await resolveForWriting(this.context.filesRoot, this.path);
    const sealed = readSeal(seal);
    if (this.options.append === true && !isPublished(target, sealed)) this.refuseChangedBase(target, seal);
    publishFile(target, sealed, this.context);
  }

  async close(): Promise<void> {
    this.part?.close();
  }

  /** What somebody else appended meanwhile would be lost by the rename; what is published already has another inode. */
  private refuseChangedBase(target: string, seal: Json): void {
    const base = isRecord(seal) ? seal.base : undefined;
    if (stateOf(target) === base) return;
    const message = `\`${this.path}\` was replaced while this execution appended to it; let one execution at a time append (concurrency.max: 1)`;
    throw new NodeFailure('TARGET_CHANGED', message, { retryable: false });
  }

  private restore(checkpoint: Json, part: PartFile): void {
    if (!isRecord(checkpoint) || typeof checkpoint.records !== 'number')
      throw new CheckpointUnusable('the checkpoint is not of a file sink');
    part.resume(checkpoint);
    this.records = checkpoint.records;
    this.base = String(checkpoint.base);
    this.options.format.restore(checkpoint.format ?? null);
  }

  private opened(): PartFile {
    if (this.part === undefined) throw new TypeError('the file sink is not open');
    return this.part;
  }
}

function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '' : `${stat.ino}-${stat.size}`;
}
