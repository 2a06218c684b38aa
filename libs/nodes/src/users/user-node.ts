import type { Json, JsonObject } from '#core';

interface UserNodeBase {
  /** Unique; e.g. `demo.greet`. */
  readonly nodeType: string;
  /** Shown in the list of node types; the node type where absent. */
  readonly label?: string;
  readonly icon?: string;
  readonly category?: string;
  readonly description?: string;
  /** JSON Schema (draft 7) of the config; defaults are filled in, numbers as text are read. Absent = any object. */
  readonly configSchema?: JsonObject;
}

/** What every call of a user's node is told. */
export interface UserNodeContext {
  /** Valid against `configSchema`. Frozen. */
  readonly config: JsonObject;
  readonly executionId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  readonly attempt: number;
  /** Aborted when the attempt is cancelled or timed out: stop soon, what comes after is ignored. */
  readonly signal: AbortSignal;
  /** A line for the execution's logs. */
  log(text: string): void;
}

export interface UserTaskContext extends UserNodeContext {
  /** The output of the node's one incoming edge, `{[nodeId]: output}` for several, the execution's input for a first node. A copy. */
  readonly input: Json;
  /** The same for every delivery of this attempt: what a side effect should be keyed by. */
  readonly idempotencyKey: string;
}

/** Runs once per attempt; what it returns (JSON, or nothing) is recorded durably before any node after it starts. A throw is a failed attempt. */
export interface UserTask extends UserNodeBase {
  readonly kind: 'task';
  /** `loop`: on the engine's own event loop, for short work that does not block. Default `thread`. */
  readonly runOn?: 'thread' | 'loop';
  run(context: UserTaskContext): unknown;
}

/** Records that were read, and where reading goes on after them; without a cursor the stage starts over after a crash. */
export interface UserSourceBatch {
  readonly records: readonly Json[];
  readonly cursor?: Json;
}

export interface UserSourceContext extends UserNodeContext {
  /** Where to go on: the cursor of the last batch that is safely through; undefined = from the start. */
  readonly cursor: Json | undefined;
}

/** An async generator of batches; it is pulled, so it reads no further ahead than one batch. */
export interface UserSource extends UserNodeBase {
  readonly kind: 'source';
  read(context: UserSourceContext): AsyncIterable<UserSourceBatch> | Iterable<UserSourceBatch>;
}

export interface UserTransformContext extends UserNodeContext {
  /** Starts as `{}`; kept in checkpoints, so that a later attempt goes on with it. Must stay JSON. */
  readonly state: Record<string, Json>;
}

/** Maps batches. `finish` gives what is left after the last one. */
export interface UserTransform extends UserNodeBase {
  readonly kind: 'transform';
  transform(records: readonly Json[], context: UserTransformContext): readonly Json[] | Promise<readonly Json[]>;
  finish?(context: UserTransformContext): readonly Json[] | Promise<readonly Json[]>;
}

export interface UserSinkContext extends UserNodeContext {
  /** Records written before this batch, over all attempts: after a crash some come again, at the positions they had. */
  readonly position: number;
}

/** Writes batches, at least once: what `write` has resolved for must be durable. What `finish` returns is the node's output. */
export interface UserSink extends UserNodeBase {
  readonly kind: 'sink';
  write(records: readonly Json[], context: UserSinkContext): void | Promise<void>;
  finish?(context: UserSinkContext): unknown;
}

/** A node of the user's own, as a file of MILLRACE_NODES_DIR exports it. */
export type UserNode = UserTask | UserSource | UserTransform | UserSink;

/** Gives a user's node its types while it is written; returns it as it is. */
export function defineNode<Node extends UserNode>(node: Node): Node {
  return node;
}
