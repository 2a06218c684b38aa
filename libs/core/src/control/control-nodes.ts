import type { NodeDescriptor } from '../definition/node-catalog.js';
import type { ControlNode } from './control-node.js';
import { flowDelay } from './flow-delay.js';
import { flowFail } from './flow-fail.js';
import { flowMerge } from './flow-merge.js';
import { flowSet } from './flow-set.js';
import { flowSignal } from './flow-signal.js';
import { flowSwitch } from './flow-switch.js';

const all: readonly ControlNode[] = [flowSet, flowDelay, flowSignal, flowSwitch, flowMerge, flowFail];
const byType: ReadonlyMap<string, ControlNode> = new Map(all.map((node) => [node.descriptor.nodeType, node]));

/** The control node types that the core decides by itself; part of every catalogue. */
export const controlNodes: readonly NodeDescriptor[] = all.map((node) => node.descriptor);

/** Control node types of the contract that this version does not have: named as such in problems. */
export const laterControlTypes: readonly string[] = ['flow.approval', 'flow.foreach', 'flow.workflow'];

export function controlNodeOf(nodeType: string): ControlNode | undefined {
  return byType.get(nodeType);
}
