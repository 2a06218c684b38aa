import { describe, expect, it } from 'vitest';
import { type Cause, completeEvent, encodeDecided, encodeEvent, encodeFence, type StoredRecord, withPosition } from '#protocol';
import { PartitionHistory } from './partition-history.js';

/** A log written by hand: fences and events, each with the stamps that it is given. */
class Script {
  readonly complaints: string[] = [];
  readonly history = new PartitionHistory((invariant, message) => this.complaints.push(`${invariant} ${message}`));
  #offset = 0;
  epoch = '';

  fence(random: string): this {
    const body = { instance: random, address: '', generation: 1, partitions: 1, reason: 'test', at: 0 };
    this.epoch = `${this.#offset}.${random}`;
    this.history.read(this.#store(encodeFence(random, body)));
    return this;
  }

  opened(seq: number, options: { epoch?: string; at?: number; cause?: Cause } = {}): this {
    const epoch = options.epoch ?? this.epoch;
    const place = { workflowId: 'w', executionId: 'x', seq, at: 1, epoch };
    const event = completeEvent({ entity: 'workflow', type: 'WorkflowDeleted', data: { force: false } }, place);
    this.history.read(this.#store(encodeEvent(event, { epoch, offset: options.at ?? this.#offset }, options.cause)));
    return this;
  }

  decided(commandOffset: number, code?: string): this {
    const entry = { commandId: 'c1', commandHash: 'h', ...(code === undefined ? {} : { code }) };
    const record = encodeDecided([entry], { epoch: this.epoch, offset: this.#offset });
    this.history.read(this.#store(withPosition(record, { commandOffset, decidedAbove: [] })));
    return this;
  }

  #store(record: Omit<StoredRecord, 'offset' | 'timestamp'>): StoredRecord {
    return { ...record, offset: this.#offset++, timestamp: 0 };
  }
}

const cause: Cause = { commandId: 'c1', commandHash: 'h' };

describe("the checker's own reader", () => {
  it('applies events of the epoch in force that lie where they were stamped', () => {
    const { history, complaints } = new Script().fence('a').opened(1).opened(2);
    expect(complaints).toEqual([]);
    expect(history.validOffsets).toEqual([0, 1, 2]);
    expect(history.entities.get('w')?.offsets).toEqual([1, 2]);
  });

  it('skips stale, late and misplaced records', () => {
    const script = new Script().fence('a').opened(1);
    const stale = script.epoch;
    const { history, complaints } = script.fence('b').opened(2, { epoch: stale }).opened(2, { at: 99 }).opened(2);
    expect(complaints).toEqual([]);
    expect(history.validOffsets).toEqual([0, 1, 2, 5]);
  });

  it.each([1, 3])('complains about a valid event with seq %i after seq 1', (seq) => {
    expect(new Script().fence('a').opened(1).opened(seq).complaints).toEqual([expect.stringContaining('I-01')]);
  });

  it('complains when a command takes effect twice', () => {
    expect(new Script().fence('a').opened(1, { cause }).opened(2, { cause }).complaints).toEqual([expect.stringContaining('I-04')]);
  });

  it('complains when the intake position goes back', () => {
    expect(new Script().fence('a').decided(5).decided(4).complaints).toEqual([expect.stringContaining('I-05')]);
  });

  it('knows the epoch and the position in force at an offset', () => {
    const script = new Script().fence('a').decided(3, 'WORKFLOW_EXISTS');
    const { epoch, history } = script;
    script.fence('b').decided(4);
    expect(history.epochAt(2)).toBe(epoch);
    expect(history.epochAt(3)).toBe(script.epoch);
    expect(history.positionAt(3)).toMatchObject({ commandOffset: 3 });
    expect(history.decisions.get('c1')).toHaveLength(2);
  });
});
