import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Json } from '#core';
import { CheckpointUnusable } from '../api/failures.js';
import { isRecord } from '../api/record-fields.js';
import { type PartOwner, partName, partPrefix } from './part-name.js';

/** A complete part file that waits to be published. */
export interface FileSeal {
  readonly part: string;
  readonly bytes: number;
  /** Decimal; a rename keeps it, which is how a second publish knows that the first one did it. */
  readonly inode: string;
}

/**
 * Shows a sealed part under its target's name by one rename, then removes the other parts of the same node and execution.
 * Idempotent. Throws CheckpointUnusable when neither the part nor the published file is there: the stage must start over.
 */
export function publishFile(target: string, seal: FileSeal, owner: Omit<PartOwner, 'epoch'>): void {
  const directory = dirname(target);
  const part = join(directory, seal.part);
  if (statSync(part, { throwIfNoEntry: false })?.size === seal.bytes) {
    renameSync(part, target);
    syncDirectory(directory);
  } else if (!isPublished(target, seal)) {
    throw new CheckpointUnusable(`neither the part file ${seal.part} nor the file published from it is there`);
  }
  removePartsOf(target, owner);
}

/** Removes the parts of a node of an execution, whatever their epoch: nobody may go on from any of them. */
export function removePartsOf(target: string, owner: Omit<PartOwner, 'epoch'>): void {
  const directory = dirname(target);
  const prefix = partPrefix(basename(target), owner);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(prefix) && name.endsWith('.part')) rmSync(join(directory, name), { force: true });
  }
}

/** Removes this owner's own part, if there is one: another epoch's may be what its owner goes on from. */
export function removePart(target: string, owner: PartOwner): void {
  rmSync(join(dirname(target), partName(basename(target), owner)), { force: true });
}

/** True when the target is the very file that was sealed. */
export function isPublished(target: string, seal: FileSeal): boolean {
  const stat = statSync(target, { throwIfNoEntry: false, bigint: true });
  return stat !== undefined && String(stat.ino) === seal.inode && Number(stat.size) === seal.bytes;
}

/** Reads a seal back from a checkpoint. */
export function readSeal(seal: Json): FileSeal {
  if (isRecord(seal) && typeof seal.part === 'string' && typeof seal.bytes === 'number' && typeof seal.inode === 'string') {
    return { part: basename(seal.part), bytes: seal.bytes, inode: seal.inode };
  }
  throw new CheckpointUnusable('the checkpoint holds no seal of a file');
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
