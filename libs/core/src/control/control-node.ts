import type { NodeError } from '../commands.js';
import type { NodeDescriptor } from '../definition/node-catalog.js';
import type { CompiledExpression, ExpressionScope } from '../expressions.js';
import type { EpochMs, Json, JsonObject } from '../json.js';

/** What a control node sees when it is entered. */
export interface ControlContext {
  readonly config: JsonObject;
  /** By the keys that `expressionsOf` gave. */
  readonly expressions: ReadonlyMap<string, CompiledExpression>;
  readonly input: Json;
  readonly scope: ExpressionScope;
  readonly at: EpochMs;
}

/** What it does then: ends at once, or waits for a time or a signal. */
export type ControlStep =
  | { readonly kind: 'completed'; readonly output: Json; readonly handle?: string }
  | { readonly kind: 'failed'; readonly error: NodeError }
  | { readonly kind: 'timer'; readonly until: EpochMs }
  | { readonly kind: 'signal'; readonly name: string; readonly until?: EpochMs };

/** An expression in a config: where it stands, relative to the config, and its text. */
export interface ConfigExpression {
  readonly path: string;
  readonly text: string;
}

/** A control node type: what the catalogue says of it, and how the core decides it. Pure. */
export interface ControlNode {
  readonly descriptor: NodeDescriptor;
  expressionsOf(config: JsonObject): readonly ConfigExpression[];
  decide(context: ControlContext): ControlStep;
}

/** A descriptor of a control node; `outputHandles` defaults to just `out`. */
export function controlDescriptor(
  nodeType: string,
  validateConfig: NodeDescriptor['validateConfig'],
  outputHandles: NodeDescriptor['outputHandles'] = ['out'],
): NodeDescriptor {
  return {
    nodeType,
    kind: 'control',
    runOn: 'loop',
    outputHandles,
    expressionKeys: [],
    normaliseConfig: (config) => config,
    validateConfig,
  };
}

/** A failure that a retry would only repeat. */
export function expressionFailed(path: string, message: string): ControlStep {
  return { kind: 'failed', error: { code: 'EXPRESSION_FAILED', message: `${path}: ${message}`, retryable: false } };
}
