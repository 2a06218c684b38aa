import { setImmediate } from 'node:timers/promises';
import type { Json, JsonObject, UnitOutcome } from '#core';
import { builtInDataNodes, type DataNode, describeDataNode } from '#nodes';
import type { StageHost } from '../graph/stage-host.js';
import { runStage } from '../graph/stage-run.js';
import { defaultStageLimits, type StageNode, type StageSpec } from '../stage-spec.js';

type Answer = 'confirmed' | 'lost';

/** A stage run without a thread, for specs: what it said and which checkpoints it made. */
export interface StageTrial {
  readonly outcome: UnitOutcome | undefined;
  readonly checkpoints: readonly Json[];
  readonly logs: readonly string[];
}

export interface TrialOptions extends Partial<Omit<StageSpec, 'nodes' | 'edges' | 'limits'>> {
  readonly limits?: Partial<StageSpec['limits']>;
  /** What the log answers to each checkpoint, in order; then `confirmed`. */
  readonly answers?: readonly Answer[];
  readonly extraNodes?: readonly DataNode[];
  /** Called with each checkpoint before it is answered. */
  readonly onCheckpoint?: (checkpoint: Json) => void;
}

/** Nodes in a row: `[id, nodeType, kind, config]`. */
export type TrialNode = readonly [id: string, nodeType: string, kind: DataNode['kind'], config?: JsonObject, onRecordError?: 'skip'];

/** Runs nodes as a line, each feeding the next. */
export function runLine(nodes: readonly TrialNode[], options: TrialOptions = {}): Promise<StageTrial> {
  const edges = nodes.slice(1).map(([target], place) => ({ source: nodes[place]?.[0] ?? '', target }));
  return runGraph(nodes, edges, options);
}

/** Runs a graph of nodes. Checkpoints are made after every batch unless the limits say otherwise. */
export async function runGraph(nodes: readonly TrialNode[], edges: StageSpec['edges'], options: TrialOptions = {}): Promise<StageTrial> {
  const { answers = [], extraNodes = [], onCheckpoint, limits, ...rest } = options;
  const known = [...builtInDataNodes, ...extraNodes];
  const checkpoints: Json[] = [];
  const logs: string[] = [];
  let at: string | undefined;
  const host: StageHost = {
    progressed: async (checkpoint) => {
      checkpoints.push(structuredClone(checkpoint));
      onCheckpoint?.(checkpoint);
      return answers[checkpoints.length - 1] ?? 'confirmed';
    },
    log: (nodeId, text) => logs.push(`${nodeId}: ${text}`),
    measured: () => undefined,
    now: () => performance.now(),
    breathe: () => setImmediate(),
    entered: (nodeId) => {
      const before = at;
      at = nodeId;
      return before;
    },
    signal: new AbortController().signal,
    resolve: (nodeType, kind) => known.find((node) => node.nodeType === nodeType && node.kind === kind),
  };
  const spec: StageSpec = {
    ...{
      executionId: 'e1',
      workflowId: 'w1',
      attempt: 1,
      lastAttempt: false,
      epoch: '7.a',
      leaving: [],
      input: [],
      scope: {},
      filesRoot: '/nonexistent',
    },
    ...rest,
    nodes: nodes.map((node) => stageNode(node, known)),
    edges,
    limits: { ...defaultStageLimits, memoryMb: 256, checkpointIntervalMs: 0, ...limits },
  };
  return { outcome: await runStage(spec, host), checkpoints, logs };
}

function stageNode([id, nodeType, kind, config = {}, onRecordError = undefined]: TrialNode, known: readonly DataNode[]): StageNode {
  const node = known.find((candidate) => candidate.nodeType === nodeType && candidate.kind === kind);
  const normalised = node === undefined ? config : describeDataNode(node).normaliseConfig(config);
  return { id, nodeType, kind, config: normalised, onRecordError: onRecordError ?? 'fail' };
}
