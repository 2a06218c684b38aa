import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Json } from '#core';
import { CheckpointUnusable } from '../api/failures.js';
import { isRecord } from '../api/record-fields.js';
import { type PartOwner, partName } from './part-name.js';
import type { FileSeal } from './publish-file.js';

/** How far a part file is durable; the checkpoint of a file sink. */
export interface PartPosition {
  readonly part: string;
  readonly bytes: number;
}

const flushAtLength = 256 * 1024;

/**
 * Collects a file sink's output in `<target>.<execution>.<node>.<epoch>.part`, beside the target. Nothing that was written
 * after the last checkpoint counts: a resuming owner copies the part up to there into its own.
 */
export class PartFile {
  private readonly path: string;
  private descriptor: number | undefined;
  private bytes = 0;
  private pending: string[] = [];
  private pendingLength = 0;

  constructor(
    private readonly target: string,
    owner: PartOwner,
    private readonly encoding: BufferEncoding = 'utf8',
  ) {
    this.path = join(dirname(target), partName(basename(target), owner));
  }

  /** Begins empty, or with a copy of `base` (for sinks that append to what is there). */
  begin(base?: string): void {
    if (base !== undefined && existsSync(base)) copyFileSync(base, this.path, constants.COPYFILE_FICLONE);
    else closeSync(openSync(this.path, 'w'));
    this.openAtEnd();
  }

  /** Goes on from a checkpoint. Throws CheckpointUnusable when the part it names is missing or shorter than it says. */
  resume(position: Json): void {
    const { part, bytes } = readPosition(position);
    const old = join(dirname(this.target), part);
    if (sizeOf(old) < bytes) throw new CheckpointUnusable(`the part file ${part} is missing or shorter than ${bytes} bytes`);
    if (old !== this.path) copyFileSync(old, this.path, constants.COPYFILE_FICLONE); // never writes to another epoch's file
    truncateSync(this.path, bytes);
    this.openAtEnd();
  }

  write(text: string): void {
    this.pending.push(text);
    this.pendingLength += text.length;
    if (this.pendingLength >= flushAtLength) this.flush();
  }

  /** Everything written so far is durable when this returns. */
  checkpoint(): PartPosition {
    this.flush();
    fsyncSync(this.opened());
    return { part: basename(this.path), bytes: this.bytes };
  }

  /** Complete and durable; what publishing needs. */
  seal(): FileSeal {
    const { part, bytes } = this.checkpoint();
    return { part, bytes, inode: String(statSync(this.path, { bigint: true }).ino) };
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private openAtEnd(): void {
    this.descriptor = openSync(this.path, 'r+');
    this.bytes = statSync(this.path).size;
    ftruncateSync(this.descriptor, this.bytes);
  }

  private flush(): void {
    if (this.pending.length === 0) return;
    const chunk = Buffer.from(this.pending.join(''), this.encoding);
    this.pending = [];
    this.pendingLength = 0;
    for (let written = 0; written < chunk.length; ) {
      written += writeSync(this.opened(), chunk, written, chunk.length - written, this.bytes + written);
    }
    this.bytes += chunk.length;
  }

  private opened(): number {
    if (this.descriptor === undefined) throw new TypeError('the part file is not open');
    return this.descriptor;
  }
}

function readPosition(position: Json): PartPosition {
  if (isRecord(position) && typeof position.part === 'string' && typeof position.bytes === 'number') {
    return { part: basename(position.part), bytes: position.bytes };
  }
  throw new CheckpointUnusable('the checkpoint names no part file');
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
