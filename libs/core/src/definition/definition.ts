import type { Json, JsonObject } from '../json.js';

/** A workflow definition after normalisation (contract §4): every default filled in, old spellings translated, unknown fields kept. */
export interface WorkflowDefinition {
  readonly id: string;
  readonly name: string;
  readonly nodes: readonly NodeDefinition[];
  readonly edges: readonly EdgeDefinition[];
  readonly [key: string]: unknown;
}

export interface NodeDefinition {
  readonly id: string;
  readonly nodeType: string;
  readonly label: string;
  readonly config: JsonObject;
  readonly retry?: RetryPolicy;
  /** Per attempt, e.g. `"30s"`. */
  readonly timeout?: string;
  readonly onError?: OnError;
  readonly onRecordError?: 'fail' | 'skip' | 'deadLetter';
  readonly compensate?: string;
}

export interface EdgeDefinition {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly sourceHandle: string;
  readonly targetHandle: string;
  /** CEL; the edge is taken when it is true. */
  readonly condition?: string;
}

/** `retry` of a node as written; durations are texts such as `"1s"`. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly initialInterval: string;
  readonly multiplier: number;
  readonly maxInterval: string;
  readonly jitter: number;
  readonly nonRetryable?: readonly string[];
}

export type OnError = 'fail' | 'continue' | { readonly goto: string };

/** One thing that is wrong with a definition, e.g. `{path: "nodes[1].config.path", code: "REQUIRED", message: "…"}`. */
export interface Problem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly details?: Json;
}
