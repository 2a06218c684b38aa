import { type ExecutionState, executionView, type Plan, type WorkflowState, workflowStatusView } from '#core';
import type { OwnerAnswer, OwnerQuery } from '#protocol';
import { partitionOf } from '#protocol';
import type { Group } from './group.js';
import type { SimProcess } from './sim-process.js';
import type { World } from './world.js';

/** Asks owners questions and holds their answers against the log. */
export class Questions {
  readonly #world: World;
  readonly #group: Group;
  /** Executions that somebody was told of. */
  readonly #acknowledged = new Set<string>();

  constructor(world: World, group: Group) {
    this.#world = world;
    this.#group = group;
  }

  acknowledged(workflowId: string, executionId: string): void {
    this.#acknowledged.add(`${workflowId}/${executionId}`);
  }

  /** Any time: an acknowledged execution is never "not found", and one that ended more than a second ago has ended (I-16). */
  askSome(): void {
    const { random, checker } = this.#world;
    const key = [...this.#acknowledged][random.between(0, Math.max(0, this.#acknowledged.size - 1))];
    if (key === undefined || checker.isTorn) return;
    const query = executionQuery(key);
    const { partitions, isSpread } = this.#world.profile;
    this.#askEverybody(partitionOf(query.workflowId, partitions), query);
    if (isSpread) this.#askEverybody(partitionOf(query.executionId, partitions), query); // as one who guesses
  }

  #askEverybody(partition: number, query: ExecutionQuery): void {
    for (const process of this.#group.running) void this.#ask(process, partition, query);
  }

  async #ask(process: SimProcess, partition: number, query: ExecutionQuery): Promise<void> {
    const { checker, scheduler, partitions } = this.#world;
    const key = `${query.workflowId}/${query.executionId}`;
    const place = partitions.find((one) => checker.history(one).entities.has(key)) ?? partition;
    const entity = checker.history(place).entities.get(key);
    const outcome = this.#outcomeBefore(place, key, scheduler.now() - 1000, process.instance);
    const answer = await process.query(partition, query);
    if (answer === undefined || checker.isTorn) return;
    this.#world.note(() => `${process.instance} says of ${key}: ${summary(answer)}`);
    if (answer.status === 'elsewhere') {
      if (answer.partition === partition || (query.routed && !answer.isHome)) checker.fail('I-16', `${key} is sent in circles`);
      this.#askEverybody(answer.partition, answer.isHome ? query : { ...query, routed: true });
    }
    if (answer.status === 'notFound' && entity !== undefined) checker.fail('I-16', `${process.instance} says that ${key} is not found`);
    if (answer.status === 'found' && outcome !== undefined && answer.view.status !== outcome) {
      checker.fail(
        'I-16',
        `${process.instance} says that ${key} is ${JSON.stringify(answer.view.status)}; it was ${outcome} more than a second before`,
      );
    }
  }

  /** At rest: of every entity the owner says what the fold of the log says (I-15). */
  async askAll(): Promise<void> {
    for (const partition of this.#world.partitions) {
      if (this.#group.owner(partition)?.runtimes.get(partition)?.status().state === 'halted') continue; // by name: see unrest
      for (const { key, kind, state } of this.#world.checker.history(partition).entities.values()) {
        const query: OwnerQuery = kind === 'workflow' ? { kind: 'workflowStatus', workflowId: key } : executionQuery(key);
        const answer = await this.#askUntilAnswered(partition, query);
        const expected =
          kind === 'workflow' ? workflowStatusView(key, state as WorkflowState) : this.#view(partition, key, state as ExecutionState);
        this.#compare(key, answer, kind === 'workflow' && state.status !== 'active' ? undefined : expected);
      }
    }
  }

  /** "Not now" is no answer: an owner may be in doubt for a moment even at rest, about commands that still come in. */
  async #askUntilAnswered(partition: number, query: OwnerQuery): Promise<OwnerAnswer | undefined> {
    for (let tries = 0; ; tries += 1) {
      const answer = await this.#group.owner(partition)?.query(partition, query);
      if (answer?.status !== 'unavailable' || tries === 20) return answer;
      await new Promise<void>((resolve) => void this.#world.wire.after(200, resolve));
    }
  }

  #compare(name: string, answer: OwnerAnswer | undefined, expected: unknown): void {
    const isRight = expected === undefined ? answer?.status === 'notFound' : answer?.status === 'found' && same(answer.view, expected);
    if (isRight) return;
    this.#world.checker.fail('I-15', `${name}: the owner says ${JSON.stringify(answer)}, the log ${JSON.stringify(expected)}`);
  }

  #view(partition: number, key: string, state: ExecutionState): unknown {
    const { workflowId, executionId } = executionQuery(key);
    return executionView(workflowId, executionId, state, this.#plan(partition, workflowId, state));
  }

  #plan(partition: number, workflowId: string, state: ExecutionState): Plan | undefined {
    const workflow = this.#world.checker.history(partition).stateOf(workflowId) as WorkflowState | undefined;
    return workflow === undefined || !('version' in state) ? undefined : this.#world.core.planOf(workflow, workflowId, state.version);
  }

  /** How an execution had ended in the log by a time, in another owner's hands: of an own append in flight nobody can know yet. */
  #outcomeBefore(partition: number, key: string, time: number, asked: string): string | undefined {
    const history = this.#world.checker.history(partition);
    const entity = history.entities.get(key);
    const last = entity?.offsets.at(-1);
    if (entity?.state.status !== 'finished' || last === undefined || history.instanceAt(last) === asked) return undefined;
    const record = this.#world.broker.slice(partition, last, 1)?.records[0];
    return record !== undefined && record.timestamp < time && 'outcome' in entity.state ? entity.state.outcome : undefined;
  }
}

type ExecutionQuery = Extract<OwnerQuery, { kind: 'execution' }>;

function executionQuery(key: string): ExecutionQuery {
  const slash = key.indexOf('/');
  return { kind: 'execution', workflowId: key.slice(0, slash), executionId: key.slice(slash + 1) };
}

function summary(answer: OwnerAnswer): string {
  return answer.status === 'found' ? `found, ${JSON.stringify(answer.view.status)}` : JSON.stringify(answer);
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}
