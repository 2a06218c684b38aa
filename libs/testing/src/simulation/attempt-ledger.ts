import type { Json } from '#core';
import type { Work } from '#runtime';
import type { AppliedEvent, Complaint } from './partition-history.js';
import { stepOf } from './stage-step.js';

interface Attempt {
  readonly startedAt: number;
  readonly nodeType: string;
  end?: { readonly type: string; readonly offset: number; readonly code?: string };
  dispatchedBy?: { readonly instance: string; readonly epoch: string };
}

/** What the log and the processes say about attempts, held against each other. */
export class AttemptLedger {
  readonly #attempts = new Map<string, Attempt>();
  readonly #checkpoints = new Map<string, Json>();
  readonly #running = new Map<string, string>();
  readonly #complain: Complaint;

  constructor(complain: Complaint) {
    this.#complain = complain;
  }

  /** Takes note of an event as it lands. */
  applied({ event, offset, instance }: AppliedEvent): void {
    if (event.executionId === undefined || !('attempt' in event.data)) return;
    const key = attemptKey(event, event.data.nodeId, event.data.attempt);
    switch (event.type) {
      case 'NodeExecutionStarted':
        this.#started(key, event.data.nodeType, offset);
        break;
      case 'NodeProgressed':
        this.#open(key, event.type, offset);
        this.#checkpoints.set(unitKey(event, event.data.nodeId), event.data.checkpoint);
        break;
      case 'NodeExecutionCompleted':
        this.#ended(key, { type: event.type, offset });
        this.#checkOrigin(key, event.data.output, instance, offset);
        break;
      case 'NodeExecutionFailed':
        this.#ended(key, { type: event.type, offset, code: event.data.error.code });
        break;
      case 'NodeAttemptLost':
        this.#ended(key, { type: event.type, offset });
        break;
      default:
        break;
    }
  }

  /** A process starts an attempt. */
  dispatched(work: Work, instance: string): void {
    const key = attemptKey(work, work.unit.id, work.attempt);
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) {
      this.#complain('I-08', `${key} is dispatched by ${instance} before its start is in the log`);
      return;
    }
    if (attempt.dispatchedBy !== undefined)
      this.#complain('I-08', `${key} is dispatched by ${instance} and by ${attempt.dispatchedBy.instance}`);
    const { end } = attempt;
    if (end?.type === 'NodeExecutionCompleted' || (end?.type === 'NodeExecutionFailed' && end.code !== 'TIMED_OUT')) {
      this.#complain('I-08', `${key} is dispatched by ${instance} although the log has ${end.type} at ${end.offset}`);
    }
    attempt.dispatchedBy = { instance, epoch: work.epoch };
    this.#checkResumption(work, instance, end === undefined);
    const place = `${instance}:${unitKey(work, work.unit.id)}`;
    const other = this.#running.get(place);
    if (other !== undefined) this.#complain('I-23', `${key} is dispatched by ${instance} while ${other} still runs there`);
    this.#running.set(place, key);
  }

  /** Nothing of the attempt runs in the process any more. */
  stopped(work: Work, instance: string): void {
    this.#running.delete(`${instance}:${unitKey(work, work.unit.id)}`);
  }

  /** A checkpoint was called confirmed. */
  confirmed(work: Work, checkpoint: Json): void {
    const stored = this.#checkpoints.get(unitKey(work, work.unit.id));
    if (stepOf(stored) < stepOf(checkpoint)) {
      const key = attemptKey(work, work.unit.id, work.attempt);
      this.#complain('I-10', `${key}: ${JSON.stringify(checkpoint)} was called confirmed, the log has ${JSON.stringify(stored)}`);
    }
  }

  #checkResumption(work: Work, instance: string, current: boolean): void {
    const stored = this.#checkpoints.get(unitKey(work, work.unit.id));
    if (!current || JSON.stringify(stored) === JSON.stringify(work.checkpoint)) return;
    const key = attemptKey(work, work.unit.id, work.attempt);
    this.#complain('I-10', `${key} resumes on ${instance} at ${JSON.stringify(work.checkpoint)}, the log has ${JSON.stringify(stored)}`);
  }

  #started(key: string, nodeType: string, offset: number): void {
    if (this.#attempts.has(key)) this.#complain('I-03', `${key} starts again at ${offset}`);
    this.#attempts.set(key, { startedAt: offset, nodeType });
  }

  #open(key: string, type: string, offset: number): Attempt | undefined {
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) this.#complain('I-03', `${key}: ${type} at ${offset} without a start`);
    else if (attempt.end !== undefined && !isThirdLoss(attempt.end, type))
      this.#complain('I-03', `${key}: ${type} at ${offset} after ${attempt.end.type} at ${attempt.end.offset}`);
    return attempt;
  }

  #ended(key: string, end: NonNullable<Attempt['end']>): void {
    const attempt = this.#open(key, end.type, end.offset);
    if (attempt !== undefined) attempt.end = end;
  }

  /** Outputs of tasks say which process made them. */
  #checkOrigin(key: string, output: Json | undefined, instance: string, offset: number): void {
    if (this.#attempts.get(key)?.nodeType.startsWith('flow.') === true) return; // passes on what it was given
    const maker = typeof output === 'string' ? /^by (.+)$/.exec(output)?.[1] : undefined;
    if (maker !== undefined && maker !== instance)
      this.#complain('I-09', `${key}: an outcome of ${maker} stands in the epoch of ${instance} at ${offset}`);
  }
}

/** The third loss of an attempt fails its node: two facts about one attempt. */
function isThirdLoss(end: NonNullable<Attempt['end']>, type: string): boolean {
  return end.type === 'NodeAttemptLost' && type === 'NodeExecutionFailed';
}

interface ExecutionIds {
  readonly workflowId: string;
  readonly executionId: string;
}

function unitKey({ workflowId, executionId }: ExecutionIds, nodeId: string): string {
  return `${workflowId}/${executionId}/${nodeId}`;
}

function attemptKey(ids: ExecutionIds, nodeId: string, attempt: number): string {
  return `${unitKey(ids, nodeId)}/${attempt}`;
}
