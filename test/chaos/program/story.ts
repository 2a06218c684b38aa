import type { SeededRandom } from '#testing/memory';
import { type BlockKind, type DrawnWorkflow, drawWorkflow } from './drawn-workflow.js';

/** How a command travels: HTTP, HTTP answered once it is durable, or a plain Kafka producer. */
export type Way = 'http' | 'async' | 'kafka';

/** One thing that a caller does, drawn beforehand. */
export type Step =
  | { readonly do: 'create' | 'update'; readonly workflow: DrawnWorkflow; readonly mark: string }
  | { readonly do: 'delete'; readonly workflowId: string; readonly force: boolean; readonly mark: string }
  | {
      readonly do: 'execute';
      readonly workflow: DrawnWorkflow;
      readonly way: Way;
      readonly mark: string;
      readonly ownId: boolean;
      /** The execution's input is `{n}`: switches look at it. */
      readonly n: number;
      /** Without, the request is sent once. */
      readonly keyed: boolean;
      /** The very same request again, at the same time. */
      readonly twins: number;
    }
  | { readonly do: 'signal'; readonly mark: string; readonly way: Exclude<Way, 'async'> }
  | { readonly do: 'cancel'; readonly mark: string; readonly way: Exclude<Way, 'async'> }
  | { readonly do: 'rest'; readonly ms: number };

/** What one caller does to one workflow or execution, step after step. */
export type Story = readonly Step[];

/** The endless sequence of stories of one caller: the same seed, the same stories. */
export class StoryTeller {
  #told = 0;

  constructor(
    private readonly random: SeededRandom,
    /** Unique among the callers of a run; begins every id that its stories make up. */
    private readonly caller: string,
    private readonly standing: readonly DrawnWorkflow[],
  ) {}

  next(): Story {
    this.#told += 1;
    const name = `${this.caller}-${this.#told}`;
    const roll = this.random.between(0, 99);
    if (roll < 12) return this.#lifeOfAWorkflow(name);
    if (roll < 22) return this.#cancelled(name);
    return this.#executed(name);
  }

  #executed(name: string): Story {
    const workflow = this.random.pick(this.standing);
    const rest: Step = { do: 'rest', ms: this.random.between(0, 1_500) };
    const steps: Step[] = [this.#execute(workflow, `${name}-x`)];
    const isSignalled = workflow.ends === 'waits' && this.random.chance(0.85);
    if (isSignalled) steps.push(rest, { do: 'signal', mark: `${name}-s`, way: this.#pairWay() });
    return [...steps, { do: 'rest', ms: this.random.between(20, 600) }];
  }

  #cancelled(name: string): Story {
    const workflow = this.random.pick(this.standing);
    const ms = this.random.chance(0.3) ? 0 : this.random.between(20, 2_000);
    return [this.#execute(workflow, `${name}-x`), { do: 'rest', ms }, { do: 'cancel', mark: `${name}-c`, way: this.#pairWay() }];
  }

  /** Created, executed, changed, executed, deleted: each step acknowledged before the next is asked for. */
  #lifeOfAWorkflow(name: string): Story {
    const special: BlockKind[] = this.random.chance(0.3) ? ['file'] : [];
    const first = drawWorkflow(this.random, `w-${name}`, special);
    const second = drawWorkflow(this.random, `w-${name}`);
    const steps: Step[] = [{ do: 'create', workflow: first, mark: `${name}-a` }, this.#execute(first, `${name}-x1`)];
    if (this.random.chance(0.6)) steps.push({ do: 'update', workflow: second, mark: `${name}-b` }, this.#execute(second, `${name}-x2`));
    steps.push({ do: 'rest', ms: this.random.between(0, 3_000) });
    if (this.random.chance(0.6))
      steps.push({ do: 'delete', workflowId: first.definition.id, force: this.random.chance(0.7), mark: `${name}-d` });
    return steps;
  }

  #execute(workflow: DrawnWorkflow, mark: string): Step {
    const keyed = this.random.chance(0.75);
    const way = this.random.pick<Way>(['http', 'http', 'http', 'async', 'kafka']);
    const ownId = this.random.chance(0.4);
    const twins = keyed && this.random.chance(0.2) ? this.random.between(1, 2) : 0;
    return { do: 'execute', workflow, way, mark, ownId, keyed: keyed || way === 'kafka', twins, n: this.random.between(0, 9) };
  }

  #pairWay(): 'http' | 'kafka' {
    return this.random.chance(0.2) ? 'kafka' : 'http';
  }
}

/** The workflows that are there from the beginning to the end of a run. */
export function drawStanding(random: SeededRandom, count: number): readonly DrawnWorkflow[] {
  const specials: readonly (readonly BlockKind[])[] = [[], ['wait'], [], ['file'], [], ['fatal'], ['wait', 'file']];
  return Array.from({ length: count }, (_, index) => drawWorkflow(random, `standing-${index}`, specials[index % specials.length] ?? []));
}
