import type { Json } from '#core';
import type { DataNode } from '#nodes';
import type { StageMeasures } from '../stage-spec.js';

/** What a running stage asks of the world around it: the engine's loop, or a test. */
export interface StageHost {
  /** Resolves `confirmed` once the checkpoint is a fact, `lost` when the dispatch no longer counts. */
  progressed(checkpoint: Json): Promise<'confirmed' | 'lost'>;
  log(nodeId: string, text: string): void;
  measured(measures: StageMeasures): void;
  /** Milliseconds that only move forwards. */
  now(): number;
  /** Lets pending messages in; called at least every few dozen milliseconds. */
  breathe(): Promise<void>;
  /** The stage is in this node's work from now on, or in no node's; answers where it was before. Cheap: somebody may look at any moment. */
  entered(nodeId: string | undefined): string | undefined;
  readonly signal: AbortSignal;
  /** The node type in that role, undefined when unknown. */
  resolve(nodeType: string, kind: DataNode['kind']): DataNode | undefined;
}
