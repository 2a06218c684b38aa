import type { Json, JsonObject } from '#core';
import { mintCommandId } from '#protocol';
import { derivedExecutionId } from '#runtime';
import type { ProducedCommand, SeededRandom } from '../memory/index.js';

/** One record for the commands topic, and when. */
export interface PlannedCommand {
  readonly atMs: number;
  readonly record: ProducedCommand;
  /** Set where the record lies on a partition that is not its own. */
  readonly onPartition?: number;
  readonly poison: boolean;
}

interface Shape {
  readonly name: string;
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly (readonly [string, string])[];
}

const step = (id: string, extra: JsonObject = {}): JsonObject => ({ id, nodeType: 'test.step', config: {}, ...extra });
const quickRetry = { maxAttempts: 3, initialInterval: '100ms', multiplier: 2, maxInterval: '1s' };

const shapes: readonly Shape[] = [
  { name: 'single', nodes: [step('a')], edges: [] },
  {
    name: 'line',
    nodes: [step('a'), step('b', { retry: quickRetry }), step('c')],
    edges: [
      ['a', 'b'],
      ['b', 'c'],
    ],
  },
  {
    name: 'fan',
    nodes: [step('a'), step('b'), step('c'), step('d')],
    edges: [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ],
  },
  {
    name: 'delay',
    nodes: [step('a'), { id: 'wait', nodeType: 'flow.delay', config: { duration: '3s' } }, step('b')],
    edges: [
      ['a', 'wait'],
      ['wait', 'b'],
    ],
  },
  {
    name: 'signal',
    nodes: [step('a'), { id: 'wait', nodeType: 'flow.signal', config: { name: 'go' } }, step('b', { onError: 'continue' })],
    edges: [
      ['a', 'wait'],
      ['wait', 'b'],
    ],
  },
  {
    name: 'stage',
    nodes: [
      { id: 'in', nodeType: 'test.source', config: {}, retry: quickRetry },
      { id: 'out', nodeType: 'test.sink', config: {} },
      step('after'),
    ],
    edges: [
      ['in', 'out'],
      ['out', 'after'],
    ],
  },
  { name: 'timeout', nodes: [step('slow', { timeout: '1s', retry: quickRetry }), step('b')], edges: [['slow', 'b']] },
];

function definitionOf(shape: Shape, version: number, isSpread: boolean): JsonObject {
  const edges = shape.edges.map(([source, target], index) => ({ id: `e${index}`, source, target }));
  const sharding = isSpread ? { sharding: { strategy: 'execution' } } : {};
  return { name: `${shape.name} v${version}`, nodes: shape.nodes, edges, ...sharding };
}

/** Of one run. */
export interface ProgramSettings {
  readonly partitions: number;
  readonly startAt: number;
  /** Every command says when it was issued. */
  readonly isDated: boolean;
  /** Every other workflow spreads its executions, and commands about executions are keyed by either id. */
  readonly isSpread: boolean;
}

/** Writes the commands of one run: what users, careless producers and impatient gateways send. */
export class ProgramWriter {
  readonly #random: SeededRandom;
  readonly #settings: ProgramSettings;
  readonly #planned: PlannedCommand[] = [];
  readonly #workflows: string[];
  readonly #executions: (readonly [string, string])[] = [];
  #count = 0;

  constructor(random: SeededRandom, settings: ProgramSettings) {
    this.#random = random;
    this.#settings = settings;
    this.#workflows = Array.from({ length: random.between(1, 4) }, (_, index) => `w${index}`);
  }

  write(inputs: number, withinMs: number): readonly PlannedCommand[] {
    for (const workflowId of this.#workflows) this.#create(workflowId, this.#random.between(0, 500), 1);
    while (this.#planned.length < inputs) this.#some(this.#random.between(200, withinMs));
    return [...this.#planned].sort((a, b) => a.atMs - b.atMs);
  }

  #some(atMs: number): void {
    const random = this.#random;
    const workflowId = random.pick(this.#workflows);
    const dice = random.between(1, 100);
    if (dice <= 55) this.#execute(workflowId, atMs);
    else if (dice <= 60) this.#create(workflowId, atMs, 2);
    else if (dice <= 64) this.#command('UpdateWorkflow', workflowId, { definition: this.#definition(workflowId, 3) }, atMs);
    else if (dice <= 67) this.#command('DeleteWorkflow', workflowId, this.#deletion(), atMs);
    else if (dice <= 74) this.#onExecution('CancelExecution', {}, atMs);
    else if (dice <= 88) this.#onExecution('SignalExecution', { name: 'go', payload: this.#count }, atMs);
    else this.#poison(workflowId, atMs);
  }

  #deletion(): JsonObject {
    const force = this.#random.chance(0.5);
    return this.#settings.isSpread && this.#random.chance(0.4) ? { force, drain: true } : { force };
  }

  #create(workflowId: string, atMs: number, version: number): void {
    this.#command('CreateWorkflow', workflowId, { definition: this.#definition(workflowId, version) }, atMs);
  }

  /** Now and then one asks for another strategy than its workflow has. */
  #definition(workflowId: string, version: number): JsonObject {
    const shape = this.#random.pick(shapes);
    if (!this.#settings.isSpread) return definitionOf(shape, version, false);
    return definitionOf(shape, version, isSpreadId(workflowId) !== this.#random.chance(0.05));
  }

  #execute(workflowId: string, atMs: number): void {
    const named = this.#random.chance(0.5);
    const executionId = this.#random.chance(0.1) ? (this.#executions.at(-1)?.[1] ?? 'x0') : `x${this.#count}`;
    if (named) this.#executions.push([workflowId, executionId]);
    this.#command('ExecuteWorkflow', workflowId, named ? { executionId, input: this.#count } : { input: this.#count }, atMs);
  }

  #onExecution(type: string, data: JsonObject, atMs: number): void {
    const [workflowId, executionId] = this.#executions.length > 0 ? this.#random.pick(this.#executions) : ['w0', 'nobody'];
    this.#command(type, workflowId, { ...data, executionId }, atMs);
  }

  #command(type: string, workflowId: string, data: JsonObject, atMs: number): void {
    const random = this.#random;
    const now = this.#settings.startAt + atMs;
    const id = `c${this.#count++}`;
    const commandId = random.chance(0.5) ? mintCommandId(now, id) : id;
    const body: JsonObject = {
      commandId,
      type,
      workflowId,
      data,
      ...(this.#settings.isDated ? { issuedAt: now } : {}),
      ...(type === 'DeleteWorkflow' && this.#settings.isSpread ? { runningElsewhere: random.pick([0, 0, 1]) } : {}),
      ...(random.chance(0.06) ? { expiresAt: now + random.between(-100, 3000) } : {}),
    };
    const key = this.#keyOf(type, workflowId, commandId, data);
    this.#put(key, body, atMs);
    if (random.chance(0.15)) this.#put(key, body, atMs + random.between(0, 40));
    if (random.chance(0.15)) this.#put(key, body, atMs + random.between(500, 6000));
    if (type === 'ExecuteWorkflow' && random.chance(0.08))
      this.#put(key, { ...body, data: { ...data, input: 'other' } }, atMs + random.between(0, 3000));
  }

  /** Whoever sends a command about an execution may know where that lives, may leave it to the workflow's partition, or may be wrong. */
  #keyOf(type: string, workflowId: string, commandId: string, { executionId }: JsonObject): string {
    const isAboutExecution = type === 'ExecuteWorkflow' || executionId !== undefined;
    if (!this.#settings.isSpread || !isAboutExecution) return workflowId;
    if (!this.#random.chance(isSpreadId(workflowId) ? 0.7 : 0.1)) return workflowId;
    return typeof executionId === 'string' ? executionId : derivedExecutionId(workflowId, commandId);
  }

  #put(key: string, body: JsonObject, atMs: number): void {
    this.#plan({ key, value: JSON.stringify(body) }, atMs, false);
  }

  #poison(workflowId: string, atMs: number): void {
    const values: readonly Json[] = [
      '{"commandId":',
      'null',
      '[]',
      `{"commandId":"p${this.#count}","type":"Explode","workflowId":"${workflowId}"}`,
    ];
    const value = this.#random.pick([...values.map(String), null]);
    this.#plan({ key: workflowId, value }, atMs, true);
  }

  #plan(command: ProducedCommand, atMs: number, poison: boolean): void {
    const correlation = `r${this.#planned.length}`;
    const headers = { 'reply-topic': 'workflow.replies', 'correlation-id': correlation };
    const { partitions } = this.#settings;
    const misplaced = partitions > 1 && this.#random.chance(0.12);
    const record = { ...command, headers };
    this.#planned.push({ atMs, record, poison, ...(misplaced ? { onPartition: this.#random.between(0, partitions - 1) } : {}) });
  }
}

function isSpreadId(workflowId: string): boolean {
  return workflowId === 'w0' || workflowId === 'w2';
}
