import type { JsonObject, Problem } from '#core';
import type { NodeContext, SinkAttempt } from './node-context.js';
import type { SinkOperator, SourceOperator, TransformOperator } from './operators.js';

/** What the list of node types shows of a node (contract §3). */
export interface NodePresentation {
  readonly nodeType: string;
  readonly displayName: string;
  readonly icon: string;
  readonly category: string;
  readonly description: string;
  /** JSON Schema (draft 7) of the config, `type: object`; `title` of a property is its label, `default` is filled in. */
  readonly configSchema: JsonObject;
}

interface DataNodeBase extends NodePresentation {
  /** Top-level config keys that hold an expression. */
  readonly expressionKeys?: readonly string[];
  /** Old spellings into today's (contract §4a); runs before the schema's own conversions. Never fails. */
  normaliseConfig?(config: JsonObject): JsonObject;
  /** Problems beyond what the schema can say; runs only when the schema is content. Paths are relative to the config. */
  checkConfig?(config: JsonObject): readonly Problem[];
}

export interface SourceNode extends DataNodeBase {
  readonly kind: 'source';
  create(context: NodeContext): SourceOperator;
}

export interface TransformNode extends DataNodeBase {
  readonly kind: 'transform';
  create(context: NodeContext): TransformOperator;
}

/** Whose unpublished output is removed. */
export type DiscardedEpochs = 'own' | 'every';

export interface SinkNode extends DataNodeBase {
  readonly kind: 'sink';
  create(context: NodeContext): SinkOperator;
  /**
   * Removes what was prepared and never published, once nothing will go on from it: by this attempt (`own`), or by the attempts of
   * every owner, where it is a fact that the execution is cancelled (`every`). With `own`, other epochs' parts are not touched.
   */
  discard?(attempt: SinkAttempt, epochs: DiscardedEpochs): Promise<void>;
}

/** A node type that is streamed inside a stage. `create` is called once per attempt, in the stage's thread. */
export type DataNode = SourceNode | TransformNode | SinkNode;
