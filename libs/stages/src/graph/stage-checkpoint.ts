import type { Json, NodeResult } from '#core';
import { CheckpointUnusable } from '#nodes';
import type { NodeCounts } from './node-counts.js';

/** Where a source stands: a cursor after the batches that went through, or its end. */
export type SourcePosition = { readonly cursor: Json } | { readonly ended: true };

/** A consistent cut through a running stage: every record up to the cursors is in the states, and nothing else is. */
export interface RunningCheckpoint {
  readonly version: 1;
  /** By source; one that is absent has not begun. */
  readonly sources: Readonly<Record<string, SourcePosition>>;
  /** State of transforms and positions of sinks; a node without state is absent. */
  readonly states: Readonly<Record<string, Json>>;
  readonly collected: Readonly<Record<string, readonly Json[] | null>>;
  readonly counts: Readonly<Record<string, NodeCounts>>;
}

/** All records are written and durable; what remains is to publish. */
export interface DoneCheckpoint {
  readonly version: 1;
  readonly done: true;
  readonly seals: Readonly<Record<string, Json>>;
  readonly results: Readonly<Record<string, NodeResult>>;
}

export type StageCheckpoint = RunningCheckpoint | DoneCheckpoint;

/** Reads back what this code wrote. Throws CheckpointUnusable for another version: the stage starts over. */
export function readCheckpoint(json: Json): StageCheckpoint {
  if (typeof json === 'object' && json !== null && 'version' in json && json.version === 1) return json as unknown as StageCheckpoint;
  throw new CheckpointUnusable('the checkpoint was written by another version');
}
