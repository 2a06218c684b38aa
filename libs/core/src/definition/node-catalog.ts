import type { JsonObject } from '../json.js';
import type { Problem } from './definition.js';

/** What a node does in a graph. Data kinds are streamed inside a stage; a task runs alone; a control node is decided by the core. */
export type NodeKind = 'source' | 'transform' | 'sink' | 'control' | 'task';

/** Whether records stream through nodes of this kind, inside a stage. */
export function isDataKind(kind: NodeKind): boolean {
  return kind === 'source' || kind === 'transform' || kind === 'sink';
}

/** What the core must know of one node type in one role; the implementation lives in libs/nodes. */
export interface NodeDescriptor {
  readonly nodeType: string;
  readonly kind: NodeKind;
  /** Where a task's attempt runs: `loop` = on the engine's own event loop. Ignored for other kinds. */
  readonly runOn: 'thread' | 'loop';
  /** Handles an edge may leave by; `'any'` when they come from the config (flow.switch). */
  readonly outputHandles: readonly string[] | 'any';
  /** Config keys that hold an expression, checked when the definition is validated. */
  readonly expressionKeys: readonly string[];
  /** Brings old spellings and texts-as-numbers into today's shape (contract §4a). Never fails: what it cannot read it leaves. */
  normaliseConfig(config: JsonObject): JsonObject;
  /** Every problem of a normalised config; paths are relative to the config, e.g. `path` or `rules[0].field`. */
  validateConfig(config: JsonObject): readonly Problem[];
}

/** The node types that this installation knows: built-in ones and users' own. */
export interface NodeCatalog {
  /** Every role a node type has (file.text is both source and sink); empty when unknown. */
  rolesOf(nodeType: string): readonly NodeDescriptor[];
  /** All known node types, for suggestions in error messages. */
  nodeTypes(): readonly string[];
}
