import type { JsonObject } from '../json.js';
import type { PlanRetry } from '../plan/plan.js';
import type { OnError } from './definition.js';
import type { NodeDescriptor } from './node-catalog.js';

/** What a node says about its attempts; absent = not stated. */
export interface NodePolicies {
  readonly retry?: PlanRetry;
  readonly timeoutMs?: number;
  readonly onError?: OnError;
  readonly onRecordError?: 'fail' | 'skip' | 'deadLetter';
  readonly compensate?: string;
}

/** A node as read, before its type is looked up. `path` is where it stands in the definition as given. */
export interface DraftNode {
  readonly path: string;
  readonly id: string;
  readonly nodeType: string;
  /** The old `type` field: source, transform or sink. Breaks ties only. */
  readonly hint: string | undefined;
  readonly label: string;
  readonly config: JsonObject;
  readonly policies: NodePolicies;
}

/** An edge as read, with every default filled in. */
export interface DraftEdge {
  readonly path: string;
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly sourceHandle: string;
  readonly targetHandle: string;
  readonly condition: string | undefined;
}

/** A node whose type and role are known; its config is normalised. */
export interface RoledNode extends DraftNode {
  readonly descriptor: NodeDescriptor;
}

/** Contract §4: 1–128 of `A-Za-z0-9._:-`, beginning with a letter or digit. */
export const idShape = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
export const idSpelling = '1 to 128 of A-Z a-z 0-9 . _ : - beginning with a letter or digit';

/** Nodes, and edges, of one definition, at most. */
export const maxGraphSize = 10_000;
