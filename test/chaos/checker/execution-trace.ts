import { type Fact, nextSeq, type Tell, type Where } from './workflow-trace.js';

const terminal = new Set(['WorkflowCompleted', 'WorkflowFailed', 'WorkflowCancelled']);

/** One attempt of a unit: a control node, a task, or a stage by its first node. */
export interface AttemptTrace {
  readonly node: string;
  readonly nodeType: string;
  readonly attempt: number;
  readonly startedAt: Where;
  outcome: 'completed' | 'failed' | 'retrying' | 'lost' | undefined;
}

/** The life of one execution. */
export class ExecutionTrace {
  seq = 0;
  version = 0;
  commandId: string | undefined;
  end: { readonly type: string; readonly where: Where; readonly reason: string } | undefined;
  /** By `node#attempt`. */
  readonly attempts = new Map<string, AttemptTrace>();
  /** `mark` of every signal that was received. */
  readonly signals: string[] = [];
  /** Attempts of units that were lost with their engine. */
  lost = 0;
  lastFact = '';
  readonly #latest = new Map<string, AttemptTrace>();
  readonly #nodesDone = new Set<string>();

  constructor(
    readonly workflowId: string,
    readonly executionId: string,
    private readonly first: Where,
  ) {}

  get partition(): number {
    return this.first.partition;
  }

  get firstOffset(): number {
    return this.first.offset;
  }

  take(fact: Fact, where: Where, tellBare: Tell): void {
    const tell = (what: string) => tellBare(`${this.workflowId}/${this.executionId}: ${what}`);
    if (this.end) tell(`goes on with ${fact.type} after ${this.end.type}`);
    if (this.seq === 0 && fact.type !== 'WorkflowStarted') tell(`begins with ${fact.type}`);
    this.seq = nextSeq('it', this.seq, fact, tell);
    this.lastFact = fact.type;
    if (terminal.has(fact.type)) this.end = { type: fact.type, where, reason: reasonOf(fact) };
    else this.#takeStep(fact, where, tell);
  }

  #takeStep({ type, data }: Fact, where: Where, tell: Tell): void {
    const unit = String(data.unitId ?? data.nodeId);
    switch (type) {
      case 'WorkflowStarted':
        this.version = Number(data.version);
        return;
      case 'NodeExecutionStarted':
        if (data.unitId === undefined) this.#start({ ...data, unit }, where, tell);
        return;
      case 'NodeExecutionCompleted':
        this.#complete(unit, Number(data.attempt), tell);
        return;
      case 'NodeExecutionFailed':
        this.#fail(unit, data, tell);
        return;
      case 'NodeAttemptLost':
        this.lost += 1;
        this.#settle(unit, Number(data.attempt), 'lost', tell);
        return;
      case 'SignalReceived':
        this.signals.push(String((data.payload as Record<string, unknown> | undefined)?.mark));
    }
  }

  #start(data: Readonly<Record<string, unknown>> & { readonly unit: string }, where: Where, tell: Tell): void {
    const { unit } = data;
    const attempt = Number(data.attempt);
    const before = this.#latest.get(unit);
    if (attempt !== (before?.attempt ?? 0) + 1) tell(`${unit} starts attempt ${attempt} after ${before?.attempt ?? 0}`);
    if (before && before.outcome !== 'lost' && before.outcome !== 'retrying') {
      tell(`${unit} starts attempt ${attempt} although attempt ${before.attempt} is ${before.outcome ?? 'still open'}`);
    }
    const trace: AttemptTrace = { node: unit, nodeType: String(data.nodeType), attempt, startedAt: where, outcome: undefined };
    this.attempts.set(`${unit}#${attempt}`, trace);
    this.#latest.set(unit, trace);
  }

  /** Every node of a stage completes; its first node stands for the unit. */
  #complete(node: string, attempt: number, tell: Tell): void {
    if (this.#nodesDone.has(node)) tell(`${node} completes twice`);
    this.#nodesDone.add(node);
    if (this.#latest.has(node)) this.#settle(node, attempt, 'completed', tell);
  }

  /** The one failure that follows a loss: the third in a row fails the node, in the same decision. */
  #fail(unit: string, { attempt, willRetryAt, error }: Fact['data'], tell: Tell): void {
    const trace = this.attempts.get(`${unit}#${Number(attempt)}`);
    const isOfLosses = trace?.outcome === 'lost' && this.lost >= 3 && (error as Fact['data'] | undefined)?.code === 'ATTEMPT_LOST';
    if (!isOfLosses) this.#settle(unit, Number(attempt), willRetryAt === undefined ? 'failed' : 'retrying', tell);
  }

  #settle(unit: string, attempt: number, outcome: AttemptTrace['outcome'], tell: Tell): void {
    const trace = this.attempts.get(`${unit}#${attempt}`);
    if (!trace) {
      tell(`${unit} attempt ${attempt} is ${outcome} but was never started`);
      return;
    }
    if (trace.outcome !== undefined) tell(`${unit} attempt ${attempt} is ${outcome} after it was ${trace.outcome}`);
    trace.outcome = outcome;
  }
}

function reasonOf({ data }: Fact): string {
  const error = data.error as Record<string, unknown> | undefined;
  return [data.reason, data.failedNodeId, error?.code].filter((part) => part !== undefined).join(' ');
}
