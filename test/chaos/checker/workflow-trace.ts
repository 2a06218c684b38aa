/** The value of an event record. */
export interface Fact {
  readonly type: string;
  readonly workflowId: string;
  readonly executionId?: string;
  readonly seq: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where a record stands; `time` is the broker's, epoch milliseconds. */
export interface Where {
  readonly partition: number;
  readonly offset: number;
  readonly time: number;
}

/** For violations: where to look, and when it was. */
export function placeText({ partition, offset, time }: Where): string {
  return `partition ${partition} offset ${offset} (${new Date(time).toISOString()})`;
}

/** Told of what must not be. */
export type Tell = (what: string) => void;

/** V2: the next seq of an entity, or a violation. A single writer leaves neither holes nor repeats. */
export function nextSeq(entity: string, last: number, fact: Fact, tell: Tell): number {
  if (fact.seq !== last + 1) tell(`${entity} goes from seq ${last} to ${fact.seq} (${fact.type})`);
  return fact.seq;
}

/** The life of one workflow, or of its shard on another partition. */
export class WorkflowTrace {
  seq = 0;
  version = 0;
  deleted = false;
  /** `author` of every version that was created or updated: the mark of the command that did. */
  readonly marks: string[] = [];
  deletions = 0;
  /** Executions that were opened and not closed. */
  readonly open = new Set<string>();

  constructor(
    readonly workflowId: string,
    readonly partition: number,
  ) {}

  take(fact: Fact, _where: Where, tell: Tell): void {
    this.seq = nextSeq(this.workflowId, this.seq, fact, tell);
    const { definition, version, executionId } = fact.data;
    switch (fact.type) {
      case 'WorkflowCreated':
      case 'WorkflowUpdated':
        this.deleted = false;
        this.version = Number(version);
        this.marks.push(String((definition as Record<string, unknown> | undefined)?.author));
        return;
      case 'ShardPlaced':
        this.deleted = false;
        this.version = Number(version);
        return;
      case 'WorkflowDeleted':
      case 'ShardClosed':
        this.deleted = true;
        this.deletions += 1;
        return;
      case 'OutboxSent':
        return;
      case 'ExecutionOpened':
        if (this.open.has(String(executionId))) tell(`${executionId} is opened twice`);
        this.open.add(String(executionId));
        return;
      case 'ExecutionClosed':
        if (!this.open.delete(String(executionId))) tell(`${executionId} is closed but was not open`);
        return;
      default:
        tell(`a workflow has the fact ${fact.type}`);
    }
  }
}
