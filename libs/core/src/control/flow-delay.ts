import type { Problem } from '../definition/definition.js';
import { durationSpelling, parseDurationMs } from '../definition/duration.js';
import { describe } from '../definition/problems.js';
import type { EpochMs, Json, JsonObject } from '../json.js';
import { type ControlContext, type ControlNode, type ControlStep, controlDescriptor, expressionFailed } from './control-node.js';

/**
 * `flow.delay {duration}` or `{until}`: `until` is an ISO 8601 time with its zone, epoch milliseconds, or an expression that
 * gives one of them. A time that has passed does not wait. Its output is its input.
 */
export const flowDelay: ControlNode = {
  descriptor: controlDescriptor('flow.delay', validate),
  expressionsOf: ({ until }) => (typeof until === 'string' && timeOf(until) === undefined ? [{ path: 'until', text: until }] : []),
  decide: (context) => {
    const until = dueTime(context);
    if (typeof until !== 'number') return until;
    return until <= context.at ? { kind: 'completed', output: context.input } : { kind: 'timer', until };
  },
};

function validate({ duration, until }: JsonObject): readonly Problem[] {
  if ((duration === undefined) === (until === undefined)) {
    return [{ path: 'duration', code: 'REQUIRED', message: 'flow.delay needs either duration or until' }];
  }
  if (duration !== undefined && parseDurationMs(duration) === undefined) {
    return [{ path: 'duration', code: 'DURATION', message: `duration must be ${durationSpelling}, not ${describe(duration)}` }];
  }
  if (until !== undefined && typeof until !== 'string' && timeOf(until) === undefined) {
    return [
      {
        path: 'until',
        code: 'TYPE',
        message: `until must be an ISO 8601 time, epoch milliseconds or an expression, not ${describe(until)}`,
      },
    ];
  }
  return [];
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Only times that name their zone: others would mean something else on another machine. */
function timeOf(value: Json): EpochMs | undefined {
  const time = typeof value === 'number' ? value : typeof value === 'string' && isoTime.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? Math.round(time) : undefined;
}

function dueTime({ config, expressions, scope, at }: ControlContext): EpochMs | ControlStep {
  if (config.duration !== undefined) return at + (parseDurationMs(config.duration) ?? 0);
  const result = expressions.get('until')?.evaluate(scope) ?? { ok: true, value: config.until ?? null };
  if (!result.ok) return expressionFailed('until', result.message);
  return timeOf(result.value) ?? expressionFailed('until', `it gave ${describe(result.value)}, not a time`);
}
