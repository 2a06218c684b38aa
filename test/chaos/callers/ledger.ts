export type Operation = 'create' | 'update' | 'delete' | 'execute' | 'signal' | 'cancel';

/** The command type that an operation travels as. */
export const commandTypes: Readonly<Record<Operation, string>> = {
  create: 'CreateWorkflow',
  update: 'UpdateWorkflow',
  delete: 'DeleteWorkflow',
  execute: 'ExecuteWorkflow',
  signal: 'SignalExecution',
  cancel: 'CancelExecution',
};

/** One answer, as the caller saw it. */
export interface Answered {
  /** A gateway must not hang; a Kafka producer retries for as long as it was told to. */
  readonly way: 'http' | 'kafka';
  readonly at: number;
  readonly ms: number;
  /** HTTP status; 0 = none (connection, time-out); for Kafka 200 and 409 stand for a reply `ok` or not, 202 for "the broker has it". */
  readonly status: number;
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A command that a caller gave, and everything that was said about it. */
export interface Entry {
  readonly mark: string;
  readonly operation: Operation;
  readonly workflowId: string;
  /** As the caller gave it, or as the first answer named it. */
  executionId: string | undefined;
  /** Where the caller can know it before any answer: it had a key, or made the id up itself. */
  commandId: string | undefined;
  readonly sentAt: number;
  /** Refusals that the caller's own doings explain. */
  readonly mayBeRefusedWith: readonly string[];
  readonly answers: Answered[];
}

/** `acknowledged`: the engine said that it is done; `durable`: it was taken and will be decided; `unknown`: may be or may not be. */
export type Standing = 'acknowledged' | 'durable' | 'refused' | 'unknown';

const undecided = new Set([
  'TIMEOUT',
  'NO_OWNER',
  'OWNER_UNAVAILABLE',
  'KAFKA_UNAVAILABLE',
  'POSTGRES_UNAVAILABLE',
  'SHUTTING_DOWN',
  'RESOURCE_EXHAUSTED',
]);

/** Whether an answer leaves open what becomes of the command, so that it may be repeated. */
export function isUndecided({ status, code }: Answered): boolean {
  return status === 0 || status === 202 || undecided.has(code);
}

/** What a caller may rely on after all the answers it got: the most definite one. */
export function standingOf({ answers }: Entry): Standing {
  if (answers.some(({ status }) => status === 200 || status === 201)) return 'acknowledged';
  if (answers.some((answer) => !isUndecided(answer))) return 'refused';
  return answers.some(({ status }) => status === 202) ? 'durable' : 'unknown';
}

/** Everything that was asked for in a run. */
export class Ledger {
  readonly entries: Entry[] = [];

  open(entry: Omit<Entry, 'answers' | 'sentAt'>): Entry {
    const opened = { ...entry, sentAt: Date.now(), answers: [] };
    this.entries.push(opened);
    return opened;
  }

  count(standing: Standing): number {
    return this.entries.filter((entry) => standingOf(entry) === standing).length;
  }
}
