import type { NodePresentation } from '../api/data-node.js';

const text = (title: string): { readonly type: 'string'; readonly title: string } => ({ type: 'string', title });
const duration = (title: string): { readonly type: readonly string[]; readonly title: string } => ({ type: ['string', 'number'], title });

function control(
  nodeType: string,
  displayName: string,
  icon: string,
  description: string,
  properties: NodePresentation['configSchema'],
  required: readonly string[],
): NodePresentation {
  return { nodeType, displayName, icon, category: 'control', description, configSchema: { type: 'object', properties, required } };
}

const switchCases = {
  type: 'array',
  title: 'Cases',
  minItems: 1,
  items: {
    type: 'object',
    properties: { handle: text('Handle'), condition: text('Condition') },
    required: ['handle', 'condition'],
  },
} as const;

/** How the core's control nodes are shown; what their configs must be is checked by the core itself. */
export const controlPresentations: readonly NodePresentation[] = [
  control(
    'flow.set',
    'Set values',
    'braces',
    'Computes values from expressions; they are its output.',
    { values: { type: 'object', title: 'Values' } },
    ['values'],
  ),
  control(
    'flow.delay',
    'Delay',
    'clock',
    'Waits for a time span or until a time.',
    { duration: duration('Duration'), until: { type: ['string', 'number'], title: 'Until' } },
    [],
  ),
  control(
    'flow.signal',
    'Wait for signal',
    'bell',
    'Waits for a signal by name; the payload is its output.',
    { name: text('Name'), timeout: duration('Time-out') },
    ['name'],
  ),
  control(
    'flow.switch',
    'Switch',
    'split',
    'Goes on by the handle of the first case that is true.',
    { cases: switchCases, default: text('Default handle') },
    ['cases'],
  ),
  control(
    'flow.merge',
    'Merge',
    'merge',
    'Waits for all, any or a number of its incoming branches.',
    {
      mode: { type: 'string', enum: ['all', 'any', 'count'], default: 'all', title: 'Mode' },
      count: { type: 'integer', minimum: 1, title: 'Count' },
    },
    [],
  ),
  control('flow.fail', 'Fail', 'octagon-x', 'Fails the execution on purpose.', { message: text('Message'), code: text('Code') }, [
    'message',
  ]),
];
